"""Published results of the ImageNet competition (ILSVRC), with their sources: cited, not computed."""

from dataclasses import dataclass
from decimal import Decimal

from models import sources


@dataclass(frozen=True)
class Record:
    """A top-5 error on the test images, as it was printed."""

    percent: Decimal
    source: str


NEC_2010 = Record(Decimal("28.2"), sources.ILSVRC)
XRCE_2011 = Record(Decimal("25.8"), sources.ILSVRC)
ALEXNET = Record(Decimal("15.3"), sources.ALEXNET)
ALEXNET_OWN_IMAGES = Record(Decimal("16.4"), sources.ALEXNET)
SECOND_2012 = Record(Decimal("26.2"), sources.ALEXNET)
ALEXNET_OFFICIAL = Record(Decimal("15.315"), sources.ILSVRC_2012)
SECOND_2012_OFFICIAL = Record(Decimal("26.172"), sources.ILSVRC_2012)
CLARIFAI_2013 = Record(Decimal("11.7"), sources.ILSVRC)
CLARIFAI_2013_MORE = Record(Decimal("11.2"), sources.ILSVRC_2013)
ZFNET_PAPER = Record(Decimal("14.8"), sources.ZFNET)
GOOGLENET = Record(Decimal("6.67"), sources.GOOGLENET)
VGG_2014 = Record(Decimal("7.3"), sources.VGG)
RECTIFIERS = Record(Decimal("4.94"), sources.RECTIFIERS)
BATCH_NORM = Record(Decimal("4.8"), sources.BATCH_NORM)
RESNET = Record(Decimal("3.57"), sources.RESNET)
TRIMPS_2016 = Record(Decimal("2.991"), sources.ILSVRC_2016)
HUMAN = Record(Decimal("5.1"), sources.ILSVRC)
SENET_2017 = Record(Decimal("2.251"), sources.SENET)


def points_between(better: Record, worse: Record) -> Decimal:
    """Return by how many percentage points one error is below another."""
    return worse.percent - better.percent
