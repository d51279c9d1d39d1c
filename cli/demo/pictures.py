"""Small drawn photographs: what was found, and what it looked like afterwards. No two are equal."""

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (640, 420)
CHIMNEYS = frozenset({"industry", "high_energy", "odour", "coal", "fumes"})
WATERS = frozenset({"infrastructure", "water_limits", "river", "livestock"})
SKY = {"before": (196, 200, 196), "after": (176, 208, 232)}
GROUND = {"before": (150, 136, 108), "after": (132, 164, 112)}


def photograph(key: str, category: str, when: str) -> bytes:
    """A JPEG for the issue `key`, ``before`` or ``after``; always the same for the same pair."""
    draw_from = Random(f"{key} {when}")  # noqa: S311 - a picture, no secret
    image = Image.new("RGB", SIZE, SKY[when])
    canvas = ImageDraw.Draw(image)
    is_before = when == "before"
    horizon = draw_from.randint(200, 260)
    canvas.rectangle((0, horizon, *SIZE), fill=GROUND[when])
    _hills(canvas, draw_from, horizon)
    if category in CHIMNEYS:
        _buildings(canvas, draw_from, horizon, smokes=is_before)
    elif category in WATERS:
        _stream(canvas, draw_from, horizon, is_clean=not is_before)
    elif is_before:
        _heaps(canvas, draw_from, horizon)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def _hills(canvas: ImageDraw.ImageDraw, draw_from: Random, horizon: int) -> None:
    for _ in range(3):
        middle, width = draw_from.randint(0, SIZE[0]), draw_from.randint(180, 360)
        top = horizon - draw_from.randint(30, 90)
        corners = [(middle - width, horizon), (middle, top), (middle + width, horizon)]
        canvas.polygon(corners, fill=(128, 142, 128))


def _buildings(
    canvas: ImageDraw.ImageDraw, draw_from: Random, horizon: int, *, smokes: bool
) -> None:
    left = draw_from.randint(40, 380)
    for _ in range(draw_from.randint(1, 3)):
        width, height = draw_from.randint(50, 110), draw_from.randint(40, 90)
        canvas.rectangle((left, horizon - height, left + width, horizon + 12), fill=(172, 160, 150))
        chimney = left + width - 18
        canvas.rectangle(
            (chimney, horizon - height - 60, chimney + 10, horizon), fill=(150, 96, 80)
        )
        if smokes:
            for puff in range(4):
                radius = 10 + 5 * puff
                x, y = chimney + 14 * puff, horizon - height - 70 - 16 * puff
                canvas.ellipse(
                    (x - radius, y - radius, x + radius, y + radius), fill=(150, 148, 146)
                )
        left += width + draw_from.randint(10, 40)


def _stream(
    canvas: ImageDraw.ImageDraw, draw_from: Random, horizon: int, *, is_clean: bool
) -> None:
    colour = (96, 150, 190) if is_clean else (110, 104, 84)
    bend = draw_from.randint(-120, 120)
    middle = SIZE[0] // 2
    canvas.polygon(
        [
            (middle + bend, horizon),
            (middle + bend + 30, horizon),
            (middle + 160, SIZE[1]),
            (middle - 60, SIZE[1]),
        ],
        fill=colour,
    )


def _heaps(canvas: ImageDraw.ImageDraw, draw_from: Random, horizon: int) -> None:
    for _ in range(draw_from.randint(2, 5)):
        x, y = draw_from.randint(20, SIZE[0] - 90), draw_from.randint(horizon + 40, SIZE[1] - 30)
        canvas.polygon([(x, y), (x + 35, y - 28), (x + 70, y)], fill=(104, 92, 80))
