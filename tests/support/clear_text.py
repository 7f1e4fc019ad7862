"""Whether a text stands somewhere in clear, or in a form that anybody turns back without a key."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

Places = Iterable[tuple[str, bytes]]


def folded_forms(text: str) -> dict[str, bytes]:
    """The forms of a text in which capitals may be small letters as well; all in small letters."""
    raw = text.encode()
    escaped = json.dumps(text)[1:-1].encode()
    forms = {
        "utf-8": raw,
        # Only the letters without an accent are folded below.
        "capitals": text.upper().encode(),
        "latin-1": text.encode("latin-1", errors="replace"),
        "json": escaped,
        "url": quote(text, safe="").encode(),
        "form": quote_plus(text).encode(),
        "percent": b"".join(b"%%%02x" % byte for byte in raw),
        # Without the outer zeros it is the same for both orders of bytes.
        "utf-16": text.encode("utf-16-le").strip(b"\0"),
        "hex": raw.hex().encode(),
        "hex of json": escaped.hex().encode(),
    }
    return {name: form.lower() for name, form in forms.items()}


def exact_forms(text: str) -> dict[str, bytes]:
    """Base64 of a text, for each place that it may have in a group of three bytes."""
    forms: dict[str, bytes] = {}
    for name, raw in (("utf-8", text.encode()), ("json", json.dumps(text)[1:-1].encode())):
        for before in range(3):
            bits = 8 * (before + len(raw))
            # The characters that no neighbour has a bit in.
            first, last = -(-8 * before // 6), bits // 6
            for kind, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
                forms[f"{kind} of {name} after {before}"] = encode(bytes(before) + raw)[first:last]
    return forms


class ClearText:
    """Texts, and the search for each of their forms."""

    def __init__(self, texts: Collection[str]) -> None:
        """Prepare every form once; many are the same."""
        self._folded = {form: text for text in texts for form in folded_forms(text).values()}
        self._exact = {form: text for text in texts for form in exact_forms(text).values()}

    def texts_in(self, data: bytes) -> set[str]:
        """Which of the texts stand in these bytes."""
        # Kafka makes its indexes large at once; what is not used of them is zeros.
        data = data.rstrip(b"\0")
        small = data.lower()
        found = {text for form, text in self._folded.items() if form in small}
        return found | {text for form, text in self._exact.items() if form in data}

    def find(self, places: Places) -> dict[str, set[str]]:
        """The places where any of the texts stands, in the name or in what is there, and which ones."""
        found = ((place, self.texts_in(place.encode() + b"\n" + data)) for place, data in places)
        return {place: texts for place, texts in found if texts}


def files_below(folders: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    """Every file in these folders by the name of the folder and its path in there."""
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield f"{name}/{path.relative_to(folder)}", path.read_bytes()
