"""What may differ between two pieces of HTML without a reader ever seeing it.

Follows the rules by which the CommonMark project compares: white space counts only inside `pre`, and
not at all around a block's tags; `<br />` is `<br>`; attributes have no order; a character may be
written as itself or as a reference. Two texts with the same `normal()` are the same HTML to CommonMark.
"""

import html
import re
from html.parser import HTMLParser

BLOCKS = frozenset(
    "article aside blockquote body button canvas caption col colgroup dd div dl dt embed fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr iframe li map object ol output p "
    "pre progress script section style table tbody td textarea tfoot th thead tr ul video".split()
)

# A parser of HTML knows no CDATA outside of SVG; such a section is taken as it stands.
PIECES = re.compile(r"<!\[CDATA\[.*?\]\]>|<[^>]*>|[^<]+|<", re.DOTALL)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.out = ""
        self.open_pre = 0
        # What came last: a tag that begins or ends something, or neither.
        self.after, self.tag = "start", ""

    def updatepos(self, i, j):
        return j  # nobody asks for line numbers

    def handle_starttag(self, tag, attrs):
        self.open_pre += tag == "pre"
        self._trim(tag)
        said = sorted((name, value) for name, value in attrs if value is not None)
        bare = sorted(name for name, value in attrs if value is None)
        words = [tag, *bare, *(f'{name}="{html.escape(value)}"' for name, value in said)]
        self.out += f"<{' '.join(words)}>"
        self.after, self.tag = "start", tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open_pre -= tag == "pre"
        self.after = "end"

    def handle_endtag(self, tag):
        if tag == "pre":
            self.open_pre = max(0, self.open_pre - 1)
        else:
            self._trim(tag)
        self.out += f"</{tag}>"
        self.after, self.tag = "end", tag

    def handle_data(self, data):
        if self.after and self.tag == "br":
            data = data.lstrip("\n")
        if not self.open_pre:
            data = re.sub(r"\s+", " ", data)
            if self.after and self.tag in BLOCKS:
                data = data.lstrip() if self.after == "start" else data.strip()
        self.out += data
        self.after = ""

    def handle_entityref(self, name):
        self._reference(f"&{name};")

    def handle_charref(self, name):
        self._reference(f"&#{name};")

    def handle_comment(self, data):
        self._as_is(f"<!--{data}-->")

    def handle_decl(self, decl):
        self._as_is(f"<!{decl}>")

    unknown_decl = handle_decl

    def handle_pi(self, data):
        self._as_is(f"<?{data}>")

    def _reference(self, text):
        self._as_is(html.escape(html.unescape(text)))

    def _as_is(self, text):
        self.out += text
        self.after = ""

    def _trim(self, tag):
        if tag in BLOCKS:
            self.out = self.out.rstrip()


def normal(text):
    """The text without what no reader sees."""
    reader = _Reader()
    for piece in PIECES.findall(text):
        if piece.startswith("<![CDATA["):
            reader.close()
            reader.out += piece
        else:
            reader.feed(piece)
    reader.close()
    return reader.out


if __name__ == "__main__":
    same = [
        ("<p>a  \t\nb</p>", "<p>a b</p>"),
        ("\n\t<p>\n\t\ta  b\t\t</p>\n\t", "<p>a b</p>"),
        ("<br />", "<br>"),
        ('<a title="bar" HREF="foo">x</a>', '<a href="foo" title="bar">x</a>'),
        ("&forall;&amp;&#62;&lt;&quot;", "∀&amp;&gt;&lt;&quot;"),
        ("<p>x\n<br>\ny</p>", "<p>x\n<br>y</p>"),
    ]
    other = [
        ("<pre>a  b</pre>", "<pre>a b</pre>"),
        ("<i>a</i> ", "<i>a</i>"),
        ("<p>&lt;b></p>", "<p><b></p>"),
        ('<a href="a">x</a>', '<a href="b">x</a>'),
    ]
    for left, right in same:
        assert normal(left) == normal(right), (left, normal(left), normal(right))
    for left, right in other:
        assert normal(left) != normal(right), (left, right)
    print("normal.py: fine")
