"""Chromium for tests of pages: without a window, by Selenium, with axe-core's rules of accessibility."""

import contextlib
import json
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  found => done(found.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 120)).join(" | "))),
  error => done(["axe failed: " + error]));
"""


def missing(what):
    """Skip a test for want of a program; where CI runs, that is a failure."""
    reason = f"{what}; CONTRIBUTING.md says how to install it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def chromium():
    """Give a browser without a window, which writes down its requests."""
    try:
        from selenium import webdriver
    except ImportError:
        missing("selenium is not installed")
    binary = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        missing("there is no Chromium" if binary is None else "there is no chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield browser
    finally:
        browser.quit()


def look(browser, width=1440, height=900, **media):
    """Make the page as wide as a screen, and set what its reader prefers: `prefers_color_scheme="dark"`."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def open_page(browser, path, change=None, address=""):
    """Open a page, or a changed copy of it beside it, behind an empty one: `requests_of` then tells of this page alone.

    Args:
        browser: what `chromium` gives.
        path: the page's file.
        change: a function of the page's text; one that leaves the text as it is fails.
        address: what stands behind the file's name: `#3`.
    """
    if change is not None:
        page = path.read_text("utf-8")
        changed = change(page)
        assert changed != page
        path = path.with_name("changed.html")
        path.write_text(changed, "utf-8")
    browser.get("about:blank")
    requests_of(browser)
    browser.get(path.as_uri() + address)
    return browser


def requests_of(browser):
    """Return the addresses that were asked for since the last call."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


def violations(browser):
    """Return what axe-core finds wrong with the page, by rule."""
    if not AXE.is_file():
        missing("axe-core is not installed")
    browser.execute_script(AXE.read_text("utf-8"))
    return browser.execute_async_script(RUN_AXE)
