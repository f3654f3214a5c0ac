import re
from itertools import pairwise

import pytest

from dacompliance.reporting import charts, control_chart
from dacompliance.reporting.charts import Shape
from dacompliance.reporting.control_chart import ControlChart, Point
from dacompliance.reporting.spc import Interval
from tests.reporting.markup import Element, read

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PAPER = 182 / 25.4 * 96  # px between the margins of A4


USUAL = Interval(0.6, 0.8)


def points(rates, limits=USUAL, shape=Shape.USUAL):
    return [Point((MONTHS[i % 12], str(2024 + i // 12)), rate, limits, shape) for i, rate in enumerate(rates)]


def drawn(rates=(0.7, 0.72, 0.65), **more) -> Element:
    given = {"points": points(rates), "centre": 0.7, "title": "A title", "description": "A description"} | more
    chart = control_chart.drawn(
        ControlChart("key", given["title"], given["description"], given["points"], given["centre"])
    )
    return read(f"<!doctype html><html>{chart}</html>").one("svg")


def test_a_chart_says_first_what_it_is_and_then_what_it_shows():
    svg = drawn(title="<b>&", description='"quoted"')
    assert svg.attributes["role"] == "img"
    assert [child.name for child in svg.children[:2]] == ["title", "desc"]
    ids = [child.attributes["id"] for child in svg.children[:2]]
    assert svg.attributes["aria-labelledby"].split() == ids
    assert [child.text() for child in svg.children[:2]] == ["<b>&", '"quoted"']


def test_text_is_at_least_12_px_on_paper():
    assert float(drawn().attributes["font-size"]) * PAPER / charts.WIDTH >= 12


def test_colours_are_the_analysis_functions_and_orange_is_never_text():
    svg = drawn(
        points=points([0.7], shape=Shape.LOW) + points([0.9], shape=Shape.HIGH) + points([0.6], shape=Shape.OPEN)
    )
    used = {value for each in svg.all() for name, value in each.attributes.items() if name in ("fill", "stroke")}
    assert used <= {charts.BLUE, charts.ORANGE, charts.GREY, charts.PALE, "#FFFFFF", "none"}
    assert {each.attributes["fill"] for each in svg.all("text")} == {charts.GREY}
    assert not any("style" in each.attributes for each in svg.all())


def test_each_kind_of_month_has_a_shape_of_its_own():
    outlines = {shape: re.sub(r'(fill|stroke)="[^"]*"', "", charts.mark(shape, 10, 10)) for shape in Shape}
    assert len(set(outlines.values())) == len(Shape)


@pytest.mark.parametrize("count", [1, 2, 5, 12, 24, 26, 60, 121])
def test_month_names_do_not_run_into_each_other_and_the_newest_has_its_name(count):
    svg = drawn(points=points([0.7] * count))
    names = [each for each in svg.all("text") if each.text() in MONTHS]
    places = [float(each.attributes["x"]) for each in names]
    assert all(right - left >= 40 for left, right in pairwise(places))
    assert names[-1].text() == MONTHS[(count - 1) % 12]


def test_labels_of_limits_that_touch_are_moved_apart():
    svg = drawn(points=points([0.7, 0.7], Interval(0.699, 0.701)))
    labels = [each for each in svg.all("text") if each.text().startswith(("Upper", "Average", "Lower"))]
    places = [float(each.attributes["y"]) for each in labels]
    assert [each.text() for each in labels] == ["Upper limit", "Average 70.0%", "Lower limit"]
    assert all(below - above >= 16 for above, below in pairwise(places))


def test_a_month_without_a_rate_is_a_gap():
    path = next(
        each for each in drawn([0.7, 0.7, None, 0.7, 0.7]).all("path") if each.attributes["stroke"] == charts.BLUE
    )
    assert path.attributes["d"].count("M") == 2


@pytest.mark.parametrize(
    ("rates", "limits", "lowest", "highest"),
    [
        pytest.param([0.0, 1.0], None, "0%", "100%", id="from none to all"),
        pytest.param([1.0, 1.0], None, "90%", "100%", id="all alike"),
        pytest.param([0.0, 0.0], None, "0%", "10%", id="none at all"),
        pytest.param([0.66, 0.7], Interval(0.62, 0.78), "60%", "80%", id="only the part it needs"),
        pytest.param([None], None, "0%", "100%", id="nothing to draw"),
    ],
)
def test_the_scale_holds_every_rate_and_limit(rates, limits, lowest, highest):
    svg = drawn(points=points(rates, limits), centre=None if limits is None else 0.7)
    ticks = [each.text() for each in svg.all("text") if each.text().endswith("%")]
    ticks = [tick for tick in ticks if not tick.startswith("Average")]
    assert (ticks[0], ticks[-1]) == (lowest, highest)
    for each in svg.all("circle"):
        assert 0 <= float(each.attributes["cy"]) <= charts.HEIGHT


@pytest.mark.parametrize(
    ("intervals", "scale"),
    [
        pytest.param([Interval(0.61, 0.72), Interval(0.55, 0.9)], Interval(0.5, 0.9), id="what they need, in tenths"),
        pytest.param([Interval(1.0, 1.0)], Interval(1.0, 1.1), id="a scale has a length"),
        pytest.param([], Interval(0.0, 1.0), id="nothing to draw"),
    ],
)
def test_intervals_of_a_column_share_one_scale(intervals, scale):
    assert charts.interval_scale(intervals) == scale


def test_small_bars_are_for_the_eye_only_as_their_row_has_the_numbers():
    for small in (
        charts.bar(0.4),
        charts.interval_bar(0.7, Interval(0.6, 0.8), 0.65, Interval(0, 1)),
        charts.legend_mark(Shape.LOW),
    ):
        svg = read(f"<!doctype html><html>{small}</html>").one("svg")
        assert svg.attributes["aria-hidden"] == "true"
        assert svg.text() == ""


def test_the_day_a_rule_changed_is_a_line_down_with_its_words():
    chart = ControlChart("months", "title", "said", points([0.7] * 6), 0.7, changes=[(2.5, "Rule of 1 Mar 2024")])
    svg = read(f"<!doctype html><html>{control_chart.drawn(chart)}</html>").one("svg")
    (word,) = [each for each in svg.all("text") if each.text() == "Rule of 1 Mar 2024"]
    (down,) = [each for each in svg.all("path") if each.attributes.get("stroke-dasharray") == "1 3"]
    before, after = [float(each.attributes["cx"]) for each in svg.all("circle")][2:4]
    assert before < float(down.attributes["d"].split()[0][1:]) < after
    assert float(word.attributes["y"]) < charts.HEIGHT
