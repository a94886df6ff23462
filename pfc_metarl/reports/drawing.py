"""Small drawings of a report as inline SVG: curves over the training, and single networks on a scale.

They are written without a plotting library, whose import takes longer than a whole report.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from pfc_metarl.settings import counted

WIDTH, HEIGHT = 640.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 104.0, 16.0, 12.0, 48.0
"""Margins of a graph, for its labels."""
STRIP_WIDTH, STRIP_HEIGHT, STRIP_MARGIN = 160.0, 24.0, 8.0
MOST_RATIO = 5.0
"""Where the longest training has more than so many times the updates of the shortest, their axis is logarithmic."""
MOST_LINES = 64
"""Networks whose own curves are drawn; of more, the first of them."""
MOST_POINTS = 200
"""Points of a curve; of longer curves, means over equal parts of the training."""
DASHES = ("", "7 3", "2 3", "10 3 2 3", "1 4", "12 4")
"""Line styles that tell curves apart without colour."""
WIDTHS = (2, 1, 3.5)
"""Line widths: the dashes come again in the next width."""


def curves(histories: Mapping[str, np.ndarray], label: str, single: bool = True) -> str:
    """Return a graph of curves over the updates of a training.

    Parameters
    ----------
    histories : mapping of array, shape (update, network)
        By the name of the run. The mean over networks is a thick line; several runs differ in their dashes.
    label : str
        Of the vertical axis.
    single : bool
        Whether single networks are drawn, as thin lines.

    Returns
    -------
    str
        An SVG element with a text alternative.

    Examples
    --------
    >>> drawn = curves({"a": np.array([[0.5, 0.5], [0.7, 0.9]])}, "reward per trial")
    >>> drawn.count("<polyline"), "from 0.500 at the beginning to 0.800 at the end" in drawn
    (3, True)
    """
    thinned = {name: _thinned(values) for name, values in histories.items()}
    shown = [values for _, values in thinned.values()]
    low, high = _range(np.concatenate([values.ravel() for values in shown]))
    ends = [float(updates[-1]) for updates, _ in thinned.values()]
    last, logarithmic = max(ends), max(ends) > MOST_RATIO * min(ends)

    def line(updates: np.ndarray, values: np.ndarray, style: str) -> str:
        fraction = np.log(updates) / math.log(last) if logarithmic else updates / last
        x = LEFT + (WIDTH - LEFT - RIGHT) * fraction
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (values - low) / (high - low)
        known = np.isfinite(y)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x[known], y[known], strict=True))
        return f'<polyline fill="none" {style} points="{points}"/>'

    parts = [_axes(low, high, last, label, logarithmic)]
    for number, (updates, values) in enumerate(thinned.values()):
        if single:
            thin = 'stroke="#999" stroke-width="0.7"'
            parts += [line(updates, values[:, n], thin) for n in range(min(values.shape[1], MOST_LINES))]
        parts.append(line(updates, _mean(values), _style(number)))
    return _svg(WIDTH, HEIGHT, _described(thinned, label), "".join(parts))


def key(number: int) -> str:
    """Return a short piece of the line that belongs to the run of a number, for a legend.

    Examples
    --------
    >>> 'stroke-dasharray="7 3"' in key(1)
    True
    """
    line = f'<line x1="0" x2="48" y1="6" y2="6" {_style(number)}/>'
    return f'<svg class="key" viewBox="0 0 48 12" width="48" height="12" aria-hidden="true">{line}</svg>'


def _style(number: int) -> str:
    """Return the style of the line of a run of a number; those of the first eighteen differ."""
    dashes, width = DASHES[number % len(DASHES)], WIDTHS[number // len(DASHES) % len(WIDTHS)]
    return f'stroke="#111" stroke-width="{width}" stroke-dasharray="{dashes}"'


def strip(values: Sequence[float], criterion: Sequence[float | None], label: str) -> str:
    """Return single networks as dots on a scale, with the range of the criterion shaded.

    Examples
    --------
    >>> drawn = strip([0.7, 0.8], (0.6, None), "reward")
    >>> drawn.count("<circle"), "reward: 2 networks from 0.700 to 0.800, criterion from 0.600 on" in drawn
    (2, True)
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return ""
    low, high = criterion
    ends = [value for value in (low, high) if value is not None]
    first, last = _range(np.array([*known, *ends]))

    def x(value: float) -> float:
        return STRIP_MARGIN + (STRIP_WIDTH - 2 * STRIP_MARGIN) * (value - first) / (last - first)

    parts = []
    if ends:
        begin, end = (0.0 if low is None else x(low)), (STRIP_WIDTH if high is None else x(high))
        parts.append(f'<rect x="{begin:.1f}" width="{end - begin:.1f}" height="{STRIP_HEIGHT:.0f}" fill="#ddd"/>')
        bar = 'y1="0" y2="24" stroke="#111" stroke-dasharray="2 2"'
        parts += [f'<line x1="{x(end):.1f}" x2="{x(end):.1f}" {bar}/>' for end in ends]
    parts += [f'<circle cx="{x(value):.1f}" cy="12" r="3" fill="none" stroke="#111"/>' for value in known]
    between = f"{label}: {counted(len(known), 'network')} from {min(known):.3f} to {max(known):.3f}"
    return _svg(STRIP_WIDTH, STRIP_HEIGHT, between + _criterion(low, high), "".join(parts), "strip")


def _criterion(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f", criterion up to {high:.3f}"
    return f", criterion from {low:.3f} " + ("on" if high is None else f"to {high:.3f}")


def _thinned(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at most `MOST_POINTS` updates and values, means over parts of equal size."""
    numbers, size = np.arange(1, len(values) + 1), math.ceil(len(values) / MOST_POINTS)
    parts = [numbers[begin : begin + size] for begin in range(0, len(values), size)]
    with np.errstate(invalid="ignore"):
        means = np.stack([_mean(values[part[0] - 1 : part[-1]].T) for part in parts])
    return np.array([part.mean() for part in parts]), means


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the last axis of the numbers that are finite; NaN where none is."""
    known = np.isfinite(values)
    n = known.sum(-1)
    mean: np.ndarray = np.where(n > 0, np.where(known, values, 0).sum(-1) / np.maximum(n, 1), np.nan)
    return mean


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of an axis; they are never equal."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    margin = 0.03 * (high - low) or max(abs(low), 1.0) * 0.05
    return low - margin, high + margin


def _axes(low: float, high: float, last: float, label: str, logarithmic: bool) -> str:
    """Return both axes with their labels, and three ticks each."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    lines = f'<path d="M{LEFT:.0f} {TOP:.0f}V{bottom:.0f}H{right:.0f}" fill="none" stroke="#111"/>'
    texts = []
    for fraction, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        y = bottom - (bottom - TOP) * fraction
        texts.append(_text(LEFT - 6, y + 4, f"{low + (high - low) * fraction:.3g}", "end"))
        x = LEFT + (right - LEFT) * fraction
        update = last**fraction if logarithmic else last * fraction
        texts.append(_text(x, bottom + 18, f"{update:,.0f}", anchor))
    texts.append(_text((LEFT + right) / 2, HEIGHT - 6, "update, logarithmic" if logarithmic else "update", "middle"))
    turned = f'transform="rotate(-90 18 {HEIGHT / 2:.0f})"'
    texts.append(_text(18, HEIGHT / 2, label, "middle", turned))
    return lines + "".join(texts)


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'


def _described(thinned: Mapping[str, tuple[np.ndarray, np.ndarray]], label: str) -> str:
    """Return in words what a graph shows."""
    found = []
    for name, (_, values) in thinned.items():
        mean = _mean(values)
        part = max(len(mean) // 10, 1)
        begin, end = _mean(mean[:part]), _mean(mean[-part:])
        found.append(f"{name}: {label} from {begin:.3f} at the beginning to {end:.3f} at the end of the training")
    return "; ".join(found)


def _svg(width: float, height: float, description: str, content: str, kind: str = "graph") -> str:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    named = f'role="img" aria-label="{escape(description)}"'
    return f'<svg class="{kind}" {size} {named}><title>{escape(description)}</title>{content}</svg>'
