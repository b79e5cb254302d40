"""lxml: XML and HTML, on libxml2."""

NAME = "lxml"
IMPORTS = ("lxml.etree",)
REQUIRES = ("lxml>=4.6",)
STANCE = "silent"
SAYS = "Read: the FAQ of 7.0.0a3, which speaks of threads."
ADDRESS = "https://lxml.de/FAQ.html#threading"


def make():
    from lxml import etree

    return etree.fromstring("<list>%s</list>" % "".join("<item n='%d'/>" % n for n in range(100)))


def use(tree):
    from lxml import etree

    return tree.xpath("sum(item/@n)") == 4950 and etree.tostring(tree).count(b"<item") == 100


def close(tree):
    pass
