"""What was asked of the command: the page written into a file, or served until Ctrl-C."""

import contextlib
from pathlib import Path
from typing import Any

import click

from app.commands.options import take
from app.files.folders import prepare_folder, shown


def answer(
    pictures: tuple[Path, ...],
    source: str | None,
    export: Path | None,
    port: int,
    host: str,
    no_browser: bool,
    is_half: bool,
    language: str,
    prepare: str,
    **options: Any,
) -> None:
    """Write or serve the page.

    Raises:
        ValueError: there is no such model, picture or data set, or a hand-out that cannot be made.
    """
    from app.lab.contents import PageContents, Wishes
    from app.lab.images import choose_images
    from app.maps.open_model import ModelChoice, OpenModel

    opened = OpenModel(take(ModelChoice, options))
    images = choose_images(opened, source, pictures, prepare)
    contents = PageContents(opened, images, Wishes(is_half, export is None, language, prepare))
    if export is None:
        _serve(contents, host, port, no_browser)
    else:
        _export(contents, export)


def _export(contents: Any, path: Path) -> None:
    from app.lab.results import LabPage
    from app.program.program import NotWrittenError

    prepare_folder(path.parent)
    try:
        page = LabPage(contents)
    except NotWrittenError as error:
        raise ValueError(f"{error}; without --export the page asks this machine") from error
    page.save(path)
    count = len(contents.images)
    images = f"{count} image{'s' * (count != 1)}" if count else "no images"
    click.echo(f"Page: {shown(path)} ({path.stat().st_size / 1e6:.1f} MB, {images})")
    click.echo("It opens in any browser, without a network, and compares itself with Keras when it opens.")


def _serve(contents: Any, host: str, port: int, no_browser: bool) -> None:
    from app.lab.answers import Answers
    from app.lab.bundle import content_policy, page_text
    from app.lab.serving.server import LabServer
    from app.lab.serving.site import LabSite

    text = page_text(contents.as_dict(), f"{contents.opened.name} · ConvLab", is_served=True)
    site = LabSite(text.encode("utf-8"), content_policy(is_served=True), Answers(contents).answer)
    with LabServer(site, host=host, port=port, log=lambda line: click.echo(line, err=True)) as server:
        if server.moved_from is not None:
            click.echo(f"Port {server.moved_from} is taken; this lab has the next one that is free.")
        if host not in ("127.0.0.1", "localhost", "::1"):
            click.echo("Note: everybody on this network who has the address can use the lab.")
        if contents.why_not:
            click.echo(f"Note: this machine computes, not the page: {contents.why_not}")
        click.echo(f"The lab is at {server.address}")
        if host == "0.0.0.0":
            click.echo(f"From other machines: {server.address.replace('127.0.0.1', _own_address(), 1)}")
        click.echo("Ctrl-C ends it.")
        if not no_browser:
            import webbrowser

            webbrowser.open(server.address)
        with contextlib.suppress(KeyboardInterrupt):  # the usual end
            server.serve_until_stopped()
    click.echo("The lab has ended.")


def _own_address() -> str:
    """Return the address of this machine on its network; nothing is sent to find it out."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # an address for examples, which leads to nobody
            return str(asked.getsockname()[0])
        except OSError:
            return "127.0.0.1"
