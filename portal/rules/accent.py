"""Which shade of a firm's colour can be read on our paper: darkened by rule until it passes."""

from __future__ import annotations

import re

LIGHT_PAPER = (0xEE, 0xEB, 0xE3)
DARK_PAPER = (0x23, 0x28, 0x4A)
#: WCAG 2.2 contrast for text (1.4.3).
ENOUGH = 4.5

Colour = tuple[int, int, int]


def luminance(colour: Colour) -> float:
    """The relative luminance of WCAG, 0 for black and 1 for white."""
    parts = [value / 255 for value in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG between two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def parse(accent: str) -> Colour | None:
    """The colour of "#0F5257"; None if it is none."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", accent):
        return None
    return int(accent[1:3], 16), int(accent[3:5], 16), int(accent[5:7], 16)


def readable(colour: Colour, paper: Colour, towards: Colour) -> Colour:
    """The nearest shade towards black or white that can be read on this paper."""
    for step in range(101):
        mixed = _mix(colour, towards, step)
        if contrast(mixed, paper) >= ENOUGH:
            return mixed
    return towards


def _mix(colour: Colour, towards: Colour, percent: int) -> Colour:
    mixed = [(a * (100 - percent) + b * percent) // 100 for a, b in zip(colour, towards, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def accent_variables(accent: str) -> str:
    """The colour variables of a firm's own stylesheet; nothing for a firm without a colour."""
    colour = parse(accent)
    if colour is None:
        return ""
    light = readable(colour, LIGHT_PAPER, (0, 0, 0))
    strong = _mix(light, (0, 0, 0), 25)
    dark = readable(colour, DARK_PAPER, (255, 255, 255))
    dark_strong = _mix(dark, (255, 255, 255), 25)
    return (
        f"\n@layer tokens{{:root{{--accent:{_hex(light)};--accent-strong:{_hex(strong)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--accent:{_hex(dark)};--accent-strong:{_hex(dark_strong)}}}}}}}\n"
    )


def _hex(colour: Colour) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour)
