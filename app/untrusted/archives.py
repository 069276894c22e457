"""Zip archives by their lists of members, before any member is unpacked."""

import re
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path

from app.untrusted.memory import verify_growth

MOST_MEMBERS = 500
"""Members of an archive; Keras writes three, and some assets."""
LONGEST_LIST = 1 << 20
"""Bytes of the list of members."""
END_RECORD_SIZE = 5
"""Where `zipfile` has the length of the list in what it knows of the archive's end."""

KERAS_MEMBERS = re.compile(r"metadata\.json|config\.json|model\.weights\.h5|assets/[^\\]*")
"""What Keras writes into a `.keras` archive."""
BOUNDS = {"metadata.json": 1 << 20, "config.json": 8 << 20}
"""Bytes of members that are text."""


def verify_list(path: Path) -> None:
    """Refuse an archive with an absurdly long list of members, before the list is read.

    Raises:
        ValueError: the list is longer than `LONGEST_LIST`.
    """
    with path.open("rb") as file:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # nothing public tells it unread
    if end is not None and end[END_RECORD_SIZE] > LONGEST_LIST:
        raise ValueError(
            f"{path} is an archive with an absurdly long list of members ({end[END_RECORD_SIZE]:,} bytes)"
        )


def verify_members(path: Path, members: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse an archive whose members are not plain files that can be unpacked safely.

    Raises:
        ValueError: there are too many, two of one name, a link, an encrypted one, a name that leads elsewhere, a
            compression that is not zip's own, one that grows beyond all measure, or some that overlap.
    """
    listed = sorted(members, key=lambda member: member.header_offset)
    if len(listed) > MOST_MEMBERS:
        raise ValueError(f"{path} is an archive of {len(listed):,} members; at most {MOST_MEMBERS}")
    seen: set[str] = set()
    end = path.stat().st_size
    for member, following in zip(listed, [*listed[1:], None], strict=True):
        name = member.filename
        fault = _fault(member)
        if name in seen:
            fault = "is there twice"
        elif following and member.header_offset + member.compress_size > following.header_offset:
            fault = "lies where another one lies"
        elif member.header_offset + member.compress_size > end:
            fault = f"says that it has {member.compress_size:,} bytes in a file of {end:,}"
        if fault:
            raise ValueError(f"{path}: its member {name!r} {fault}")
        verify_growth(member.file_size, member.compress_size, f"{path}: its member {name!r}")
        seen.add(name)
    verify_growth(sum(member.file_size for member in listed), end, f"{path}: all that is in it")


def _fault(member: zipfile.ZipInfo) -> str:
    """Return what is wrong with a member, "" if nothing is."""
    name = member.filename
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or re.match(r"[A-Za-z]:", name):
        return "has a name that leads out of the archive"
    if not name.isprintable():
        return "has a name with control characters"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    if member.flag_bits & 1:
        return "is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in a way that is not read here"
    packed, size = member.compress_size, member.file_size
    if member.compress_type == zipfile.ZIP_STORED and packed != size:
        return "says two sizes"
    return ""


def verify_keras_archive(path: Path) -> None:
    """Refuse a `.keras` archive that holds anything but what Keras writes.

    Raises:
        ValueError: as of `verify_members`, or there is another member, or one beyond its bound.
    """
    verify_list(path)
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    verify_members(path, members)
    for member in members:
        name = member.filename
        if not KERAS_MEMBERS.fullmatch(name):
            raise ValueError(f"{path}: its member {name!r} is none that Keras writes")
        bound = BOUNDS.get(name)
        if bound and member.file_size > bound:
            raise ValueError(f"{path}: its member {name} has {member.file_size:,} bytes; at most {bound:,}")
