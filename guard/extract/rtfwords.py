"""What control words of RTF 1.9.1 mean to somebody who wants its text alone."""

from typing import Final

SAID: Final = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"column": "\n", b"softline": "\n",
    b"softpage": "\n", b"row": "\n", b"nestrow": "\n", b"cell": "\t", b"nestcell": "\t",
    b"tab": "\t", b"emdash": "—", b"endash": "–", b"emspace": " ", b"enspace": " ",
    b"qmspace": " ", b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”",
}  # fmt: skip
"""Control words that stand for characters."""

SYMBOLS: Final = {
    b"~": " ", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n", b"|": "", b":": "",
    b"\t": "\t", b"{": "{", b"}": "}", b"\\": "\\",
}  # fmt: skip
"""Control symbols; a line end behind a backslash is a paragraph's."""

PLACES: Final = {
    b"header": "header", b"headerl": "header", b"headerr": "header", b"headerf": "header",
    b"footer": "footer", b"footerl": "footer", b"footerr": "footer", b"footerf": "footer",
    b"footnote": "footnotes", b"annotation": "comments", b"atnauthor": "comments",
    b"atnid": "comments", b"shptxt": "text box", b"dptxbxtext": "text box",
    b"fldinst": "field codes", b"info": "properties", b"userprops": "properties",
    b"docvar": "properties", b"xe": "index entries", b"tc": "index entries",
    b"txe": "index entries", b"bkmkstart": "bookmarks", b"htmltag": "markup", b"mhtmltag": "markup",
    b"ffname": "form", b"ffdeftext": "form", b"ffhelptext": "form", b"ffstattext": "form",
    b"ffl": "form", b"formfield": "form", b"revtbl": "properties",
    b"leveltext": "list labels",
}  # fmt: skip
"""Destinations whose text stands apart from the body."""

NOISE: Final = {
    b"fonttbl", b"colortbl", b"stylesheet", b"listtable", b"listoverridetable", b"rsidtbl",
    b"generator", b"themedata", b"colorschememapping", b"latentstyles", b"datastore", b"xmlnstbl",
    b"mmathPr", b"pgptbl", b"filetbl", b"datafield", b"fontemb", b"fontfile",
    b"objclass", b"objalias", b"objsect", b"objname", b"objtime", b"pnseclvl", b"blipuid",
    b"passwordhash", b"protusertbl", b"wgrffmtfilter", b"bkmkend", b"atrfstart", b"atrfend",
    b"atnref", b"atndate", b"atntime", b"creatim", b"revtim", b"printim", b"buptim", b"falt",
    b"panose", b"template", b"hlfr", b"hlsrc", b"ftnsep", b"ftnsepc", b"aftnsep", b"aftnsepc",
    b"ftncn", b"aftncn", b"xform", b"fldtype", b"defchp", b"defpap",
    b"oldcprops", b"oldpprops", b"oldtprops", b"oldsprops", b"private",
    b"pgdsctbl", b"levelnumbers",
}  # fmt: skip
"""Destinations with nothing to read in them."""

TRANSPARENT: Final = {
    b"upr", b"ud", b"fldrslt", b"field", b"result", b"objattph", b"shp", b"shpinst", b"shprslt",
    b"shpgrp", b"shppict", b"nonshppict", b"pn", b"pntext", b"listtext", b"sp", b"do",
    b"background", b"picprop",
    b"object", b"objemb", b"nesttableprops", b"nonesttables", b"ansi", b"cs", b"ds", b"ts",
    b"htmlrtf", b"pnlvlblt", b"pnlvlbody", b"pnlvlcont",
}  # fmt: skip
"""Destinations, even with ``\\*`` before them, whose text belongs where they stand."""

SHAPE_TEXTS: Final = {
    "gtextUNICODE", "wzDescription", "wzName", "wzTooltip", "pihlShape", "pibName", "wzScript",
}  # fmt: skip
"""Properties of a shape (``\\sn``) whose value (``\\sv``) is text."""
