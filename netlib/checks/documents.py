"""Rules on what the documents say: every quote is theirs, every mention is kept."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple

from netlib.checks.rules import Base, Rule, hint_names, report
from netlib.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

# Joins the pieces of a quote that leaves words out.
GAP = " […] "


class Quote(NamedTuple):
    """A quote, the document that it is from, and where it stands."""

    file: str
    line: int
    document_id: str
    text: str


def check_mentions(base: Base) -> Iterator[Notice]:
    """Check that mentions are numbered without gaps, and name documents that there are."""
    mention = base["mention"]
    expected = [f"M{number:02d}" for number in range(1, len(mention) + 1)]
    for place, name in enumerate(expected):
        if mention["mention_id"].iloc[place] != name:
            message = f"mention_id should be {name}; a mention is missing, doubled or out of order"
            yield from report(base, "mention", mention.iloc[[place]], "mention-gap", [message])
            break
    known = set(base["document"]["document_id"])
    split = mention.assign(document=mention["document_id"].str.split(";")).explode("document")
    rows = split[~split["document"].isin(known)]
    hints = hint_names(rows["document"], known)
    messages = [
        f"document_id {name!r} is not in document{hints[name]}; correct it or add the row"
        for name in rows["document"]
    ]
    yield from report(base, "mention", rows, "unknown-id", messages)


def check_document_sources(base: Base) -> Iterator[Notice]:
    """Check that every document is a source, so that evidence can quote it, and has mentions."""
    document = base["document"]
    rows = document[~document["document_id"].isin(set(base["source"]["source_id"]))]
    messages = [f"{name} is not in source.csv; add it" for name in rows["document_id"]]
    yield from report(base, "document", rows, "document-source", messages)
    mentioned = set(base["mention"]["document_id"].str.split(";").explode())
    rows = document[~document["document_id"].isin(mentioned)]
    messages = [
        f"{name} has no row in mention.csv; add what it names" for name in rows["document_id"]
    ]
    yield from report(base, "document", rows, "document-without-mention", messages)


def list_quotes(base: Base) -> Iterator[Quote]:
    """List the quotes of mentions, evidence and claims."""
    for table, column in (("mention", "document_id"), ("evidence", "source_id")):
        rows = base[table][base[table]["quote"] != ""]
        places = zip(base.files(table, rows), rows["line_number"], strict=True)
        for (file, line), document, text in zip(places, rows[column], rows["quote"], strict=True):
            yield Quote(file, int(line), str(document), str(text))
    for path in sorted((base.root / "claims").glob("*.toml")):
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            claim = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            continue
        lines = text.splitlines()
        line = next((n for n, t in enumerate(lines, 1) if t.lstrip().startswith("quote")), 0)
        name = f"claims/{path.name}"
        yield Quote(name, line, str(claim.get("document", "")), str(claim.get("quote", "")))


# Sources without words of their own: what was derived here or is only remembered.
UNQUOTED = ("own", "memory")


def check_quotes(base: Base) -> Iterator[Notice]:
    """Check that quotes are of a document or of a page that was read.

    Where the documents are at hand, a quote has its exact words; those of pages cannot be compared.
    """
    source = base["source"]
    pages = set(
        source.loc[(source["accessed"] != "") & ~source["grade"].isin(UNQUOTED), "source_id"]
    )
    document = base["document"]
    files = dict(zip(document["document_id"], document["file"], strict=True))
    texts: dict[str, str] = {}
    if base.documents is not None:
        for place, name in enumerate(document["document_id"]):
            path = base.documents / files[name]
            if path.is_file():
                texts[name] = path.read_text(encoding="utf-8")
                continue
            message = f"{files[name]} is not in {base.documents}; add it or correct the name"
            yield from report(base, "document", document.iloc[[place]], "no-document", [message])
    for quote in list_quotes(base):
        if quote.document_id not in {*files, *pages}:
            message = (
                f"quotes {quote.document_id!r}, which is no document and no page that was read; "
                "leave the quote empty"
            )
            yield Notice(quote.file, quote.line, "quote-source", message)
        elif quote.document_id in texts:
            for piece in quote.text.split(GAP):
                if piece not in texts[quote.document_id]:
                    name = files[quote.document_id]
                    message = f"{piece!r} does not stand in {name} word for word; copy it exactly"
                    yield Notice(quote.file, quote.line, "quote", message)


RULES = (
    Rule(check_mentions, ("mention", "document")),
    Rule(check_document_sources, ("document", "source", "mention")),
    Rule(check_quotes, ("document", "mention", "evidence", "source")),
)
