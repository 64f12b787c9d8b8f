"""The regular expressions of `phrases`, the more specific before the more general."""

import re

_FRAME = (
    r"(?:scene|frame|screen|picture|image|video|view|shot|canvas|clip|display|footage"
    r"|composition)"
)
_OF_FRAME = rf"(?:\s+of\s+(?:the\s+|this\s+)?(?:(?:video|image|picture)\s+)?{_FRAME}\b)"
_OF_TIME = (
    r"(?:\s+(?:of\s+)?(?:the\s+|this\s+)?(?:video|clip|scene|shot|animation|footage|film|sequence"
    r"|movie|time|frames|recording|duration|gif)\b)?"
)
_SIDE = (
    r"(?:[- ]?hand)?(?:\s+(?:side|half|part|corner|edge|end|third|quarter|area|portion|region"
    r"|border|position|zone|quadrant))?"
)
_V = r"(?:upper|lower|top|bottom|center|centre|middle)"
_H = r"(?:left|right|center|centre|middle)"
# Groups of one place: row and column ("upper left"), column and row ("left top"), or one word.
SPOT_GROUPS = ("v", "h", "hr", "vr", "one")


def _where(at: str) -> str:
    return (
        r"(?:(?:far|extreme|very|absolute|exact|dead)[ -])?"
        rf"(?:(?P<v{at}>{_V})[- ]?(?:most\s+)?(?P<h{at}>{_H})\b|(?P<hr{at}>left"
        rf"|right)[- ](?P<vr{at}>"
        rf"top|bottom|center|centre|middle)\b|(?P<one{at}>left|right|top|bottom|center|centre"
        rf"|middle)\b)"
        rf"{_SIDE}"
    )


_PREP = r"(?P<prep>(?:{0})\s+)(?:the\s+|its\s+|her\s+|his\s+|their\s+|a\s+)?"
_STATIC = (
    r"(?:off\s+|over\s+|up\s+|down\s+|out\s+|back\s+|all the way\s+)?"
    r"(?:starting\s+|starts\s+|beginning\s+|begins\s+|ending\s+(?:up\s+)?|ends\s+(?:up\s+)?)?"
    r"(?:in|on|at|near|along|from|to|towards?|into|onto|close to|by|reaching|reaches|leaving)"
)
_TWO = (
    rf"(?:from\s+)?(?:the\s+|its\s+)?{_where('0')}{_OF_FRAME}?\s+(?:(?:over|all the way|across"
    rf"|up|down"
    rf"|back|straight|slowly|quickly)\s+)*(?:to|towards?|into)\s+(?:the\s+|its\s+)?{_where('1')}"
    rf"{_OF_FRAME}?(?!\s+of\b)"
)
_HALF = (
    r"(?:second\s+half|half-?\s?way(?:\s+(?:point|mark))?|mid-?way(?:\s+point)?|mid-?point|middle"
    r"|half-?time|mid-?video|half\s+(?:point|mark)|half\s+the\s+(?:video|clip)|later)"
)
_PART = (
    r"(?P<which>first|initial|opening|early|earlier|beginning|starting|second|last|latter|final"
    r"|closing|later|remaining|ending|other)\s+(?P<part>half|part|third|portion|section|quarter"
    r"|seconds|moments|frames?|few\s+(?:seconds|frames|moments)|bit)"
)
_ONLY = r"(?:(?:only|just|solely|exclusively)\s+)?"

_SOURCES: tuple[tuple[str, str], ...] = (
    # when
    (
        "when:until",
        rf"\b(?:until|till|up to|up until|before)\s+(?:about\s+|after\s+)?(?:the\s+)?(?:"
        rf"(?:very\s+)?"
        rf"(?:start|beginning)\s+of\s+the\s+)?(?:{_HALF}|first\s+half\s+(?:is\s+over|ends|has\s+"
        rf"passed))(?:\s+(?:of|through|into)(?=\s+the\b))?{_OF_TIME}(?:\s+begins|\s+starts)?",
    ),
    (
        "when:from",
        rf"\b(?:from|after|starting(?:\s+(?:at|from|in|with))?|beginning\s+(?:at|from|with|in)"
        rf"|past"
        rf"|following|as\s+of|once|as\s+soon\s+as|when)\s+(?:about\s+)?(?:the\s+)?(?:(?:start|"
        rf"beginning|end)\s+of\s+the\s+)?(?:first\s+half"
        rf"|{_HALF.replace('|middle', '|middle(?=(?: of the (?:video|clip|scene)| on))')})"
        rf"(?:\s+(?:of|through|into)(?=\s+the\b))?{_OF_TIME}(?:\s+(?:is\s+over|ends|has\s+passed"
        r"|begins|starts|is\s+done))?(?:\s+on(?:wards?)?)?",
    ),
    (
        "when:during",
        rf"\b{_ONLY}(?:in|during|for|through|throughout|over|within|at)\s+{_ONLY}(?:the\s+"
        rf"|its\s+)?"
        rf"{_PART}{_OF_TIME}(?:\s+only)?",
    ),
    (
        "when:always",
        r"\b(?:throughout(?:\s+the\s+(?:whole\s+|entire\s+)?(?:video|clip|scene|shot))?"
        r"|(?:for|during|in)?\s*the\s+(?:whole|entire)\s+(?:time|video|clip|duration)"
        r"|from\s+(?:the\s+)?(?:beginning|start)\s+to\s+(?:the\s+)?end)\b",
    ),
    (
        "when:at",
        rf"\b(?:(?:at\s+(?:the\s+)?)?(?:half-?\s?way|mid-?way|part-?way|mid-?point|halfway\s+"
        rf"(?:point"
        rf"|mark)|half\s+mark|half-?time|mid-?video)(?:\s+(?:point|mark))?(?:\s+(?:through"
        rf"|into|in|of)"
        rf"\b)?{_OF_TIME}|in\s+the\s+middle\s+of\s+the\s+(?:video|clip|animation|footage|film"
        rf"|movie)"
        r"|after\s+(?:a|some|a\s+little|a\s+short|\d+)\s+(?:while|moment|bit|time|second|seconds)"
        r"|after\s+a\s+few\s+(?:seconds|moments|frames))\b",
    ),
    (
        "when:end",
        r"\b(?:at|near|towards?|by)\s+the\s+(?:very\s+)?(?:end|close)(?:\s+of\s+the\s+(?:video"
        r"|clip"
        r"|scene|shot|animation|film|movie|footage)\b|(?!\s+of\b|\s+\w+ed\b))",
    ),
    # order
    (
        "stage:first",
        r"\b(?:at\s+first|initially|originally|(?:in|at)\s+the\s+(?:very\s+)?(?:beginning|start)"
        rf"{_OF_TIME}|to\s+(?:begin|start)\s+with"
        rf"|(?<!the\s)(?<!a\s)(?<!its\s)(?<!his\s)(?<!her\s)"
        r"(?<!my\s)first(?=,|\s+(?:a|an|the|it|he|she|they|we|on|in|at|to|two|three|one|moves"
        r"|goes"
        r"|\w+s\b|\w+ing\b|up|down|near|above|below|left|right)))",
    ),
    (
        "stage:last",
        r"\b(?:(?:and\s+)?(?:then\s+)?(?:finally|lastly|ultimately|eventually"
        r"|in\s+the\s+end))\b,?",
    ),
    (
        "stage:next",
        r"\b(?:(?:and\s+)?(?:only\s+)?then(?:\s+later)?|(?:and\s+)?after\s+(?:that|which|this)"
        r"|(?:and\s+)?afterwards?|(?<!the\s)next(?=,|\s+(?!to\b))|(?:and\s+)?later(?:\s+on)?"
        r"|(?:and\s+)?subsequently|(?:secondly|thirdly|second|third|fourth|fifth)(?=,)"
        r"|before(?=\s+(?:finally\s+)?\w+ing\b)|followed\s+by(?=\s+the\s+"
        r"(?:upper|lower|top|bottom|left|right)))\b,?",
    ),
    # ways to move
    ("direction:approach_camera", r"\b(?:towards?|at|closer\s+to)\s+(?:the\s+)?(?:camera"
     r"|viewer)\b"),
    (
        "direction:recede",
        r"\b(?:away\s+from\s+(?:the\s+)?(?:camera|viewer)|(?:off\s+)?into\s+the\s+distance)\b",
    ),
    (
        "direction:enter",
        r"\b(?:(?:into|on\s?to|in)\s+(?:the\s+)?(?:view|shot|frame|scene|picture|screen)(?!\s+"
        r"(?:of|"
        r"with|where|which))|on-?screen)\b(?<!in\sthe\sscene)(?<!in\sthe\sframe)(?<!in\sthe\spicture)"
        r"(?<!in\sthe\sshot)(?<!on\sthe\sscreen)",
    ),
    (
        "direction:exit",
        r"\b(?:(?:out\s+of|off)\s+(?:the\s+)?(?:view|shot|frame|scene|picture|screen|sight)"
        r"|off-?screen)\b",
    ),
    ("direction:together", r"\b(?:one\s+(?:by\s+one|after\s+(?:another|the\s+other))|each\s+other"
     r"|one\s+another)\b"),
    ("direction:oscillate", r"\b(?:back\s+and\s+forth|from\s+side\s+to\s+side"
     r"|left\s+and\s+right)\b"),
    ("direction:bob", r"\bup\s+and\s+down\b"),
    (
        "direction:circle",
        r"\b(?:(?:around\s+)?in\s+(?:a\s+)?(?:\w+\s+)?circles?|(?:counter-?|anti-?)?clockwise"
        r"|round\s+and\s+round)\b",
    ),
    # places in the frame
    (
        "across",
        rf"\bfrom\s+(?:one|1)\s+(?:side|end|edge){_OF_FRAME}?\s+to\s+(?:the\s+other|another)"
        rf"(?:\s+(?:side|end|edge))?{_OF_FRAME}?",
    ),
    ("path", rf"\b{_TWO}"),
    (
        "its",
        rf"\b{_PREP.format('to|towards?|on|at|from')}(?<=its\s|his\s|her\s)(?:far\s+|other\s+"
        rf"|own\s+)?"
        rf"(?P<its>left|right|top|bottom|front|back)(?:[- ]hand)?(?:\s+side)?\b(?!\s+(?:of|paw"
        rf"|hand|foot"
        r"|arm|leg|eye|ear|wing))",
    ),
    (
        "its",
        r"\b(?P<prep>(?:to|on|at)\s+)(?P<its>the\s+(?:other|opposite|far)\s+side)\b(?!\s+of)",
    ),
    ("relation:on", r"\b(?P<prep>(?:up\s+)?(?:on|onto|at)\s+)(?:the\s+)?"
     r"(?:very\s+)?top\s+of\b(?!\s+(?:the\s+)?"
     rf"{_FRAME}\b)"),
    ("relation:in", r"\b(?:in|at|on|near)\s+the\s+(?:very\s+)?(?:middle|center|centre|heart"
     r"|edge|end"
     r"|side|shore|shores|bank|banks|surface|outskirts|mouth|entrance)\s+of\b(?!\s+(?:the\s+"
     r"|this\s+)?"
     rf"(?:{_FRAME})\b)"),
    ("relation:beside", r"\bat\s+the\s+(?:foot|base|bottom)\s+of\b(?!\s+(?:the\s+)?(?:"
     rf"{_FRAME})\b)"),
    ("sideof", rf"\b{_PREP.format(_STATIC)}{_where('0')}\s+of\b(?!\s+(?:the\s+"
     rf"|this\s+)?{_FRAME}\b)"),
    ("sideof", rf"\b(?P<prep>)(?P<v0>(?!))?(?P<h0>(?!))?(?P<hr0>(?!))?(?P<vr0>(?!))?"
        r"(?P<one0>left|right)"
     rf"(?:\s+side)?\s+of\b(?!\s+(?:the\s+)?{_FRAME}\b)"),
    (
        "relation:other_side",
        r"\b(?P<prep>(?:to|on|at|from)\s+)the\s+(?:other|opposite|far)\s+side\s+of\b",
    ),
    ("relation:in_front", r"\b(?P<prep>)(?:directly\s+|right\s+)?in\s+(?:the\s+)?front\s+of\b"),
    ("relation:behind", r"\b(?P<prep>(?:from\s+)?)(?:in\s+back\s+of|at\s+the\s+back\s+of"
     r"|from\s+behind)\b"),
    ("relation:between", r"\bin\s+between\b"),
    ("relation:beside", r"\b(?:(?:right\s+)?next\s+to|close\s+to|by\s+the\s+side\s+of"
     r"|side\s+by\s+side"
     r"\s+with|adjacent\s+to|not\s+far\s+from|at\s+the\s+side\s+of)\b"),
    ("relation:inside", r"\binside\s+of\b"),
    ("relation:out_of", r"\bout\s+of\b"),
    ("relation:away_from", r"\baway\s+from\b"),
    ("relation:with", r"\b(?:along\s+with|together\s+with|accompanied\s+by|surrounded\s+by"
     r"|followed\s+by|as\s+well\s+as)\b"),
    ("relation:under", r"\b(?:at\s+the\s+bottom\s+of|on\s+the\s+underside\s+of)\b(?!\s+"
     r"(?:the\s+)?"
     rf"{_FRAME}\b)"),
    ("fixed:background", r"\b(?P<prep>)(?:in|against)\s+the\s+(?:far\s+)?(?:background"
     r"|distance)\b"),
    ("fixed:foreground", r"\b(?P<prep>)in\s+the\s+foreground\b"),
    ("fixed:air", r"\b(?P<prep>(?:into\s+)?)(?:(?:high\s+)?(?:up\s+)?in|through|into)\s+the\s+"
     r"(?:air)\b"),
    ("direction:sideways", r"\bside\s+by\s+side\b"),
    ("spot", rf"\b{_PREP.format(_STATIC)}{_where('0')}{_OF_FRAME}?(?!\s+of\b)"),
    ("spot", rf"(?<![\w-])(?P<prep>)(?:the\s+)?{_where('0')}(?:{_OF_FRAME}|(?<=corner)"
     rf"|(?<=left)(?<!^left)"
     r"(?<!\sleft)|(?<=er\sleft)|(?<=er\sright)|(?<=p\sleft)|(?<=p\sright)|(?<=m\sleft)"
     r"|(?<=m\sright))"
     r"(?![\w-])(?!\s+(?:of|hand|paw|foot|arm|leg|eye|ear|wing))"),
    ("direction:up", r"\b(?:straight\s+)?(?:upwards?|skywards?)\b"),
    ("direction:down", r"\b(?:straight\s+)?(?:downwards?|earthwards?)\b"),
    ("direction:left", r"\bleftwards?\b"),
    ("direction:right", r"\brightwards?\b"),
    ("direction:home", r"\b(?:back\s+)?(?:home)\b"),
)  # fmt: skip
PATTERNS = tuple((name, re.compile(source, re.IGNORECASE)) for name, source in _SOURCES)
