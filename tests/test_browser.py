"""The report in a real browser: Debian's Chromium without a window, driven by its own driver.

Without Chromium these tests are skipped with a word on what to install; where ``CI`` is set, they
fail instead, so that nothing goes untested there.
"""

from __future__ import annotations

import base64
import csv
import importlib.util
import io
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from PIL import Image

from netlib.claims import evaluate, read_claims
from netlib.errors import InputError
from netlib.isochrones import compute_isochrones
from netlib.report import write_report
from netlib.report.ground import UNITS_PER_KM, make_plane
from netlib.report.tiles import check_tiles, to_mercator
from netlib.scenarios import find_scenario
from netlib.tables import read_network

PROGRAMS = ("chromium", "chromedriver")
SHOWN = ("C1", "C13a")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What a reader sees of the page's own words, apart from quotations and names of places.
LABELS = "h1, h2, h4, label, summary, caption, th[scope=col], optgroup, option, button:not([lang])"
WIDTHS = {"desktop": 1200, "phone": 390}

Show = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of two claims and a scenario on the real network, in Chinese."""
    network = read_network()
    known = read_claims(network.root)
    claims = {name: known[name] for name in SHOWN}
    cards = {"without-zx": find_scenario(network, "without-zx")}
    folder = tmp_path_factory.mktemp("browser") / "report"
    write_report(network, evaluate(network, claims=claims), folder, scenarios=cards, claims=claims)
    return folder


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    """Return a browser that keeps its console and its requests."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if importlib.util.find_spec("selenium") is None:
        missing.append("selenium")
    if missing:
        reason = (
            f"{', '.join(missing)} not found: apt-get install chromium chromium-driver, "
            "and pip install -e '.[test]'"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def show(driver: Any, folder: Path) -> Show:
    """Return a function that opens the page at a width, and runs scripts in it when called."""

    def open_page(width: int = WIDTHS["desktop"], *, script: bool = True) -> Any:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
        driver.get("about:blank")
        for kind in ("browser", "performance"):
            driver.get_log(kind)
        driver.get((folder / "index.html").as_uri())
        if script:
            from selenium.webdriver.support.ui import WebDriverWait

            # Grids are unpacked after the page is there.
            WebDriverWait(driver, 10).until(
                lambda each: each.find_element("id", "map-svg").get_dom_attribute("data-ready")
            )
        return driver

    return open_page


def choose(driver: Any, ident: str, value: str) -> None:
    """Set a control as a reader would, with the events that follow."""
    driver.execute_script(
        "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
        "for (const n of ['input', 'change']) e.dispatchEvent(new Event(n, {bubbles: true}));",
        ident,
        value,
    )


def settle(driver: Any) -> None:
    """Wait until the next two frames are drawn."""
    driver.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done));"
    )


def read_bands(driver: Any) -> dict[str, str]:
    """Return the path of each band by its class."""
    pairs = driver.execute_script(
        "return [...document.querySelectorAll('#map-bands path')]"
        ".map(p => [p.getAttribute('class'), p.getAttribute('d')])"
    )
    return dict(pairs)


def read_area(path: str) -> shapely.Geometry:
    """Return the area of a band's path in kilometres: rings of quadratic curves, even-odd."""
    area = shapely.Polygon()
    for ring in re.findall(r"M([^z]+)z", path):
        start, curves = ring.split("Q")
        here = np.array(start.split(), dtype=float)
        points = [here]
        steps = np.array(curves.split(), dtype=float).reshape(-1, 2, 2)
        for handle, end in steps:
            part = np.array([[0.5], [1.0]])
            points += list((1 - part) ** 2 * here + 2 * part * (1 - part) * handle + part**2 * end)
            here = end
        if len(points) > 3:
            area = area.symmetric_difference(shapely.Polygon(points).buffer(0))
    return shapely.transform(area, lambda xy: xy / UNITS_PER_KM)


def test_no_error_and_no_request(show: Show, folder: Path) -> None:
    driver = show()
    for button in driver.find_elements("css selector", "button"):
        driver.execute_script("arguments[0].click()", button)
    settle(driver)
    assert driver.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    page = (folder / "index.html").as_uri()
    assert [url[:80] for url in asked if url != page and not url.startswith("data:")] == []
    assert page in asked
    assert (folder / "index.html").stat().st_size < 8_000_000


def test_the_slider_changes_the_areas(show: Show) -> None:
    from selenium.webdriver.common.keys import Keys

    driver = show()
    slider = driver.find_element("id", "map-minutes")
    before = read_bands(driver)
    assert list(before) == ["band band2", "band band1"]
    slider.send_keys(Keys.ARROW_RIGHT)
    after = read_bands(driver)
    assert driver.find_element("id", "map-minutes-out").text == "65 分"
    assert list(after) == ["band band3", "band band2", "band band1"]
    assert read_area(after["band band3"]).area > read_area(before["band band2"]).area
    outer = read_area(after["band band3"]).buffer(1e-3)
    assert outer.contains(read_area(after["band band1"]))
    # A wider circle of rides than of journeys, which have to get to the station first.
    choose(driver, "map-reading", "ride_fastest")
    rides = read_area(read_bands(driver)["band band3"])
    assert rides.area > read_area(after["band band3"]).area


def test_areas_are_those_of_the_isochrones(show: Show) -> None:
    driver = show()
    network = read_network()
    for reading, origin, day, minutes in (
        ("door_to_door", "410100", "2026-11-22", 90),
        ("door_to_door", "411000", "2022-12-31", 120),
        ("ride_fastest", "410100", "2026-11-22", 60),
        ("drive_peak", "130100", "2016-03-15", 60),
        ("best_way", "410100", "2021-01-15", 90),
    ):
        choose(driver, "map-reading", reading)
        choose(driver, "map-origin", origin)
        choose(driver, "map-view", f"baseline@{day}")
        choose(driver, "map-base", "")
        choose(driver, "map-minutes", str(minutes))
        drawn = read_area(next(iter(read_bands(driver).values()))).area
        frame = compute_isochrones(network.as_of(day), origin, [minutes], reading=reading)
        # On nodes of 1.5 km and whole minutes, where the isochrones have cells of 500 m.
        assert drawn == pytest.approx(frame["area_km2"].iloc[0], rel=0.03), reading


def test_readings_are_offered_where_a_view_has_them(show: Show) -> None:
    driver = show()
    choose(driver, "map-reading", "drive_peak")
    assert "–" in driver.find_element("id", "map-status").text
    choose(driver, "map-view", "without-zx@2026-11-22")
    offered = driver.execute_script(
        "return [...document.getElementById('map-reading').options]"
        ".filter(o => !o.disabled).map(o => o.value)"
    )
    assert offered == ["door_to_door"]
    assert driver.find_element("id", "map-reading").get_attribute("value") == "door_to_door"
    assert "2026-10-04" in driver.find_element("id", "map-status").text


def test_a_comparison_shows_gain_and_loss(show: Show) -> None:
    driver = show()
    choose(driver, "map-origin", "411000")
    choose(driver, "map-minutes", "90")
    choose(driver, "map-view", "without-zx@2026-11-22")
    assert driver.find_element("id", "map-base").get_attribute("value") == "baseline@2026-11-22"
    bands = read_bands(driver)
    assert list(bands) == ["band both", "band gained", "band lost"]
    lost = read_area(bands["band lost"]).difference(read_area(bands["band gained"]))
    assert lost.area > 1
    masks = driver.execute_script(
        "return [...document.querySelectorAll('#map-svg mask path')]"
        ".map(p => getComputedStyle(p).fill)"
    )
    assert masks == ["rgb(0, 0, 0)"] * 2
    legend = driver.find_element("id", "map-legend").text
    assert "两边都到" in legend
    assert "只有对照到得了" in legend


def test_a_swipe_lays_both_side_by_side(show: Show) -> None:
    from selenium.webdriver.common.keys import Keys

    driver = show()
    label = driver.find_element("id", "map-way-label")
    assert not label.is_displayed()
    choose(driver, "map-origin", "411000")
    choose(driver, "map-minutes", "90")
    choose(driver, "map-view", "without-zx@2026-11-22")
    settle(driver)
    assert label.is_displayed()
    choose(driver, "map-way", "swipe")
    settle(driver)
    sides = driver.execute_script(
        "return [...document.querySelectorAll('#map-bands g')].map(g => [g.getAttribute('class'),"
        "g.getAttribute('clip-path'), [...g.children].map(p => p.getAttribute('d'))])"
    )
    assert [side[:2] for side in sides] == [
        ["before", "url(#side-before)"],
        ["now", "url(#side-now)"],
    ]
    before, now = (read_area(side[2][0]) for side in sides)
    assert before.difference(now).area > 1
    slider = driver.find_element("id", "map-swipe")
    slider.send_keys(Keys.HOME)
    settle(driver)
    boxes = [
        [float(driver.find_element("id", f"clip-{side}").get_dom_attribute(key)) for key in keys]
        for side, keys in (("before", ("width",)), ("now", ("x", "width")))
    ]
    left, _, width, _ = map(
        float, driver.find_element("id", "map-svg").get_dom_attribute("viewBox").split()
    )
    assert boxes[0] == [0]
    assert boxes[1] == pytest.approx([left, width], rel=1e-6)
    assert "2026-11-22" in driver.find_element("id", "map-before-name").text
    states = driver.execute_script(
        "return ['map-lines-before', 'map-lines'].map(id => document.getElementById(id)"
        ".querySelector('[data-line=ZX]').dataset.state)"
    )
    assert states == ["open", "absent"]
    choose(driver, "map-way", "difference")
    settle(driver)
    assert list(read_bands(driver)) == ["band both", "band gained", "band lost"]
    assert not slider.is_displayed()


class TileServer(ThreadingHTTPServer):
    """A tile server on this machine that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), TileHandler)


class TileHandler(BaseHTTPRequestHandler):
    """Answers every request with one grey tile."""

    server: TileServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        buffer = io.BytesIO()
        Image.new("L", (256, 256), 200).save(buffer, "PNG")
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(buffer.getvalue())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def tile_server() -> Iterator[TileServer]:
    """Return a tile server that runs while this module's tests do."""
    with TileServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_tiles_come_when_they_are_asked_for(
    driver: Any, show: Show, tile_server: TileServer, tmp_path: Path
) -> None:
    network = read_network()
    claims = {"C13a": read_claims(network.root)["C13a"]}
    tiles = check_tiles(f"http://127.0.0.1:{tile_server.server_port}/{{z}}/{{x}}/{{y}}.png", "Us")
    write_report(network, evaluate(network, claims=claims), tmp_path, claims=claims, tiles=tiles)
    show()
    driver.get((tmp_path / "index.html").as_uri())
    settle(driver)
    assert tile_server.asked == []
    driver.execute_script("document.getElementById('map-tiles').click()")
    settle(driver)
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(driver, 10).until(lambda _: tile_server.asked)
    images = driver.find_elements("css selector", "#map-tile-layer image")
    assert images
    assert driver.get_log("browser") == []
    # The tile that holds 郑州东 lies under it: found by the formula of slippy maps.
    node = network["node"].set_index("node_id").loc["ZAF"]
    level = int(tile_server.asked[0].split("/")[1])
    across, down = to_mercator(node["x_coord"], node["y_coord"])
    name = f"/{level}/{int(across * 2**level)}/{int(down * 2**level)}.png"
    assert name in tile_server.asked
    (held,) = [i for i in images if i.get_dom_attribute("href").endswith(name)]
    a, b, c, d, e, f = map(
        float, re.findall(r"-?[\d.]+(?:e-?\d+)?", held.get_dom_attribute("transform"))
    )
    x, y = make_plane(network).place(node["x_coord"], node["y_coord"])
    u, v = np.linalg.solve([[a, c], [b, d]], [x - e, y - f])
    assert (u, v) == pytest.approx((across * 2**level % 1, down * 2**level % 1), abs=0.02)
    assert "Us" in driver.find_element("css selector", "#map").text
    driver.execute_script("document.getElementById('map-tiles').click()")
    settle(driver)
    assert driver.find_elements("css selector", "#map-tile-layer image") == []


@pytest.mark.parametrize(
    ("address", "credit", "words"),
    [
        ("https://tiles.example/{z}/{x}.png", "Us", "tiles need an address such as"),
        ("tiles/{z}/{x}/{y}.png", "Us", "tiles need an address such as"),
        ("https://tiles.example/{z}/{x}/{y}.png", " ", "--tiles-credit"),
    ],
)
def test_tiles_need_an_address_and_a_credit(address: str, credit: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_tiles(address, credit)


def test_the_map_goes_by_keyboard(show: Show) -> None:
    from selenium.webdriver.common.keys import Keys

    driver = show()
    svg = driver.find_element("id", "map-svg")
    driver.execute_script("arguments[0].focus()", svg)
    boxes = [svg.get_dom_attribute("viewBox")]
    for key in ("+", Keys.ARROW_LEFT, "-", "0"):
        svg.send_keys(key)
        settle(driver)
        boxes.append(svg.get_dom_attribute("viewBox"))
    x, y, width, height = np.array([[float(v) for v in box.split()] for box in boxes]).T
    assert width[1] < width[0]
    assert x[2] < x[1]
    assert y[2] == pytest.approx(y[1])
    assert width[3] == pytest.approx(width[0])
    assert (x[4], y[4], height[4]) == pytest.approx((x[0], y[0], height[0]))


def test_a_city_tells_its_time_and_legs(show: Show) -> None:
    driver = show()
    city = driver.find_element("css selector", "#map-cities .city[aria-label^='许昌:']")
    driver.execute_script("arguments[0].focus()", city)
    text = driver.find_element("id", "map-readout").text
    # Time, legs, the gap between departures, and the day of the timetable.
    found = re.match(
        r"许昌: ([\d.]+) 分 \(([\d.]+)–([\d.]+)\) (.*乘车 .*) · (.*分) · (.*\d{4}-\d\d-\d\d.*)",
        text,
    )
    assert found
    central, low, high = (float(found[i]) for i in (1, 2, 3))
    assert low <= central <= high
    legs = [float(leg.rsplit(" ", 1)[1]) for leg in found[4].split(" + ")]
    assert sum(legs) == pytest.approx(central, abs=0.05 * len(legs) + 0.06)
    driver.execute_script("document.getElementById('map-rows').closest('details').open = true")
    assert "许昌" in driver.find_element("id", "map-rows").text


def test_names_do_not_overlap(show: Show) -> None:
    for width in WIDTHS.values():
        driver = show(width)
        for origin in ("410100", "130100"):
            choose(driver, "map-origin", origin)
            settle(driver)
            boxes = driver.execute_script(
                "return [...document.querySelectorAll('#map-names text')].map(t => {"
                "const b = t.getBoundingClientRect();"
                "return [b.left, b.top + b.height * 0.2, b.right, b.bottom - b.height * 0.2];})"
            )
            assert len(boxes) > 4
            shapes = [shapely.box(*box) for box in boxes]
            tree = shapely.STRtree(shapes)
            pairs = tree.query(shapes, predicate="intersects")
            assert (pairs[0] == pairs[1]).all()


def test_the_switch_changes_every_label(show: Show) -> None:
    driver = show()
    # A comparison by swiping shows the controls that are hidden otherwise.
    choose(driver, "map-view", "without-zx@2026-11-22")
    choose(driver, "map-way", "swipe")
    settle(driver)
    seen = (
        "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText || e.label || '')"
    )
    chinese = driver.execute_script(seen, LABELS)
    titles = [driver.title]
    driver.find_element("css selector", "[data-set-lang=en]").click()
    settle(driver)
    english = driver.execute_script(seen, LABELS)
    titles.append(driver.title)
    assert CHINESE.search(titles[0])
    assert not CHINESE.search(titles[1])
    assert driver.find_element("tag name", "html").get_attribute("lang") == "en"
    assert len(chinese) == len(english) > 100
    left = [text for text in english if CHINESE.search(text.replace("米", ""))]
    assert left == []
    pairs = list(zip(chinese, english, strict=True))
    assert [a for a, b in pairs if CHINESE.search(a) and a == b] == []
    assert sum(a != b for a, b in pairs) > 100
    hidden = driver.execute_script(
        "return [...document.querySelectorAll('.zh')].filter(e => e.getClientRects().length).length"
    )
    assert hidden == 0
    names = driver.execute_script(
        "return [...document.querySelectorAll('#map-names text')].map(e => e.textContent)"
    )
    assert "Zhengzhou" in names
    assert not any(CHINESE.search(name) for name in names)
    labels = driver.execute_script(
        "return [...document.querySelectorAll('[aria-label]:not(.ref)')]"
        ".map(e => e.getAttribute('aria-label'))"
    )
    assert [label for label in labels if CHINESE.search(label)] == []
    driver.find_element("css selector", "[data-set-lang=zh]").click()
    assert driver.execute_script(seen, LABELS) == chinese


def test_a_number_leads_to_its_evidence(show: Show, folder: Path) -> None:
    driver = show()
    with (folder / "verdicts.csv").open(encoding="utf-8", newline="") as stream:
        row = next(r for r in csv.DictReader(stream) if r["definition"] == "door_to_door")
    key = "|".join(row[k] for k in ("claim_id", "definition", "as_of", "scenario"))
    reading = driver.find_element("css selector", f"[data-reading='{key}']")
    link = reading.find_element("css selector", "td.n a")
    assert link.text.startswith(f"{float(row['central']):.1f}".removesuffix(".0"))
    driver.execute_script("arguments[0].click()", link)
    journey = driver.find_element("css selector", ":target")
    assert journey.is_displayed()
    driver.execute_script("arguments[0].querySelector('details').open = true", journey)
    number = journey.find_element("css selector", "td.n a")
    driver.execute_script("arguments[0].click()", number)
    settle(driver)
    entry = driver.find_element("css selector", ":target")
    assert entry.get_attribute("id") == number.get_attribute("href").partition("#")[2]
    top = driver.execute_script("return arguments[0].getBoundingClientRect().top", entry)
    assert 0 <= top < 900
    assert entry.find_elements("css selector", "a[href^='#s']")


def test_the_front_page_filters(show: Show) -> None:
    driver = show()

    def claims() -> list[str]:
        rows = driver.find_elements("css selector", "[data-claim]")
        return [row.get_attribute("data-claim") for row in rows if row.is_displayed()]

    assert claims() == list(SHOWN)
    select = driver.find_element("css selector", "[data-filter=document]")
    select.send_keys("许昌")  # by keyboard: the first option that starts so
    assert claims() == ["C1"]
    assert driver.find_element("id", "filter-count").text == "1"
    driver.find_element("id", "filter-reset").click()
    assert claims() == list(SHOWN)


def test_tables_are_in_the_accessibility_tree(show: Show) -> None:
    driver = show()
    driver.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
    tables = driver.find_elements("css selector", "table")
    driver.execute_cdp_cmd("Accessibility.enable", {})
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    driver.execute_cdp_cmd("Accessibility.disable", {})
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    named = [
        node["name"]["value"]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] == "table"
    ]
    assert len(named) == len(tables) > 20
    assert all(named)
    assert roles.count("columnheader") > 100
    assert "slider" in roles


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_sticks_out(show: Show, width: int) -> None:
    driver = show(width)
    for lang in ("zh", "en"):
        driver.find_element("css selector", f"[data-set-lang={lang}]").click()
        for ident in ("verdicts", "map", "claims", "evidence"):
            driver.execute_script("document.getElementById(arguments[0]).scrollIntoView()", ident)
            settle(driver)
            assert driver.execute_script("return document.documentElement.scrollWidth") <= width
            picture = Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("L")
            assert picture.width == width
            assert np.asarray(picture).std() > 10


def test_the_page_opens_without_its_script(show: Show) -> None:
    driver = show(script=False)
    shown = driver.find_element("tag name", "h1")
    assert shown.text == "规划里的话，按分钟检验"
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_page_prints(show: Show) -> None:
    driver = show()
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    document = base64.b64decode(printed)
    assert document.startswith(b"%PDF")
    assert document.count(b"/Type /Page\n") + document.count(b"/Type /Page ") > 3
