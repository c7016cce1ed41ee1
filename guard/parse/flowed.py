"""Paragraphs of format=flowed text put together again (RFC 3676)."""


def unflow(text: str, *, delsp: bool) -> str:
    """Join the lines that end in a blank to the next; *delsp* says that the blank is no text."""
    lines: list[str] = []
    open_depth = -1
    for raw in text.splitlines():
        line = raw.lstrip(">")
        depth = len(raw) - len(line)
        line = line.removeprefix(" ")
        flows = line.endswith(" ") and line != "-- "
        if line == "-- ":
            open_depth = -1
        content = line[:-1] if flows and delsp else line
        if depth == open_depth:
            lines[-1] += content
        else:
            lines.append("> " * depth + content)
        open_depth = depth if flows else -1
    return "\n".join(lines)
