"""The lint for Outlook's Word engine, calibrated; and our e-mails held to it."""

from __future__ import annotations

import pytest

from dacompliance.notices.digest import compose
from dacompliance.notices.render import environment, render
from tests.notices.outlook import DATA, lint
from tests.notices.samples import FACTS, HOUSE, KINDS, LAST_LIST, RULES, TEAM, digest_of, task

CALIBRATION = DATA["calibration"]["templates"]


@pytest.mark.parametrize("template", CALIBRATION, ids=lambda each: each["template"].split()[0])
def test_the_lint_counts_what_was_counted_by_hand_and_nothing_that_looks_like_it(template):
    """The templates are other people's, so each counted property stands here in a line of ours, as often as in theirs."""
    wanted = template["inline_style_unsupported_properties"]
    lines = [f'<p style="margin: 0; {name}: 4px;">x</p>' for name, number in wanted.items() for _ in range(number)]
    lines += [f"<span {name}>x</span>" for name in template["unsupported_attributes_seen"]]
    look_alikes = (
        '<table class="clear hidden" style="border-collapse: collapse;-webkit-text-size-adjust: none">'
        '<tr><td title="max-height: 0" style="vertical-align: top;padding: 0 0 20px;">{{ if gt (len .Alerts) 0 }}</td></tr>'
        "</table><!-- box-sizing: border-box --><p>hidden; clear: both</p>"
    )
    found = {name: number for name, number in lint("".join(lines) + look_alikes).items() if "partial" not in name}
    assert found == {
        **{f"css-property {name}": number for name, number in wanted.items()},
        **{f"html-attribute {name}": 1 for name in template["unsupported_attributes_seen"]},
    }


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        ('<div style="display:flex">', "css-declaration display:flex"),
        ('<td style="width:calc(100% - 8px)">', "css-function calc("),
        ('<td style="font-size:1rem">', "css-unit rem"),
        ("<section>", "html-element section"),
        ('<input type="text">', 'html-element input type="text"'),
        ('<table aria-labelledby="a">', "html-attribute aria-labelledby"),
        ("<style>@media (max-width: 1px) { p { margin: 0 } }</style>", "css-at-rule @media"),
        ("<style>a:hover { color: red }</style>", "css-selector :(?!link)"),
        ('<p style="padding:4px">', "partial padding on p"),
        ('<div style="max-width:640px">', "partial max-width on div"),
        ('<td style="border:9px solid #000000">', "partial border on td: 9px solid #000000"),
        ("<!--[if mso]><p hidden></p><![endif]-->", "html-attribute hidden"),
        ('<td style="line-height:20px">', "partial line-height without mso-line-height-rule"),
    ],
)
def test_the_lint_finds(html, finding):
    assert lint(html)[finding] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_e_mail_shows_in_the_word_engine(kind):
    assert lint(render(digest_of(kind), environment(None)).html) == {}


def test_fifty_rows_show_in_the_word_engine_and_stay_under_100_kilobytes():
    sections = ("do", "due_soon", "cannot_judge", "oversight")
    rules = list(RULES)
    tasks = [
        task(
            f"56/123456/{number:02}-CHELTENHAM",
            rules[number % 4],
            sections[number % 4],
            missing="questions 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 13 are blank; no reason for the grade",
            approved=False,
        )
        for number in range(80)
    ]
    digest = compose(TEAM, tasks, [], FACTS, HOUSE, since=LAST_LIST)
    html = render(digest, environment(None)).html
    assert sum(len(listing.rows) for listing in digest.listings) == 50
    assert lint(html) == {}
    assert len(html.encode()) < 100_000
