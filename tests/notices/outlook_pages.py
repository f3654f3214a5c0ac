"""Two pages of our own to calibrate the lint with: each uses what a public template uses, as often and in like places.

What was counted in the public templates stands in `outlook.json`; their text does not. Beside what is counted stands
what only looks like it: the same words in classes, titles, comments, text and prefixed properties.
"""

from __future__ import annotations

from typing import Final

BOXED: Final = "margin: 0; box-sizing: border-box; font-size: 14px;"
LOOK_ALIKES: Final = (
    '<table class="clear hidden rounded" style="border-collapse: collapse; -webkit-text-size-adjust: none">'
    '<tr><td title="max-height: 0; border-radius: 4px" style="vertical-align: top; padding: 0 0 20px">hidden</td></tr>'
    "</table><!-- box-sizing: border-box; clear: both --><p>clear: both; @media print</p>"
)
NARROW: Final = "@media only screen and (max-width: 640px) { .wrap { font-size: 16px } h1 { font-weight: bold } }"


def like_an_alert() -> str:
    """Return a page that sets the sizing of boxes on each of its 54 elements, rounds four and clears two."""
    cell = (
        f'<tr style="{BOXED}"><td style="{BOXED} vertical-align: top;" valign="top"><b style="{BOXED}">x</b></td></tr>'
    )
    rounded = "".join(f'<td style="{BOXED} border-radius: {pixels}px 0 0 0;">x</td>' for pixels in (3, 3, 3, 5))
    return (
        f'<html style="{BOXED}"><head><style>{NARROW}</style></head><body style="{BOXED}">'
        f'<table style="{BOXED}"><tr style="{BOXED}">{rounded}</tr>{cell * 14}</table>'
        f'<div style="{BOXED} clear: both;"></div><div style="{BOXED}; CLEAR : BOTH"></div><br style="{BOXED}"><hr style="{BOXED}">'
        f"{LOOK_ALIKES}</body></html>"
    )


def like_a_letter() -> str:
    """Return a page tuned for Outlook by hand: what is hidden has no height, and one rule tells others by attribute."""
    unseen = '<span style="display: none; font-size: 1px; color: #ffffff; max-height: 0;">x</span>'
    return (
        f'<html lang="en-GB"><head><style>{NARROW} body {{ margin: 0 }} div[style*="margin: 9px"] {{ margin: 0 }}'
        "</style><!--[if gte mso 9]><style>li { margin-left: 4px }</style><![endif]--></head><body>"
        f"{unseen * 3}<!--[if (gte mso 9)|(IE)]>{unseen}<![endif]--><div hidden>x</div>{LOOK_ALIKES}</body></html>"
    )
