"""Reads a list of contacts as programs in Python do, and prints whom it names as one line of JSON: [name, address] each.

Arguments: the format (csv, opml, vcf, rdf) and the file.
"""
import csv
import json
import sys
import xml.etree.ElementTree as tree

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
FOAF = "{http://xmlns.com/foaf/0.1/}"


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            assert None not in row, "a row with more cells than titles"
            assert (row["Show boosts"], row["Notify on new posts"], row["Languages"]) == ("true", "false", "")
            yield row["Account address"], row["Profile page"]


def read_opml(path):
    root = tree.parse(path).getroot()
    assert root.tag == "opml" and root.get("version") == "2.0" and root.find("head/title").text
    for outline in root.findall("body/outline"):
        assert outline.get("type") == "rss" and outline.get("text") == outline.get("title")
        assert outline.get("xmlUrl") == outline.get("htmlUrl") + "/feed.atom"
        yield outline.get("text"), outline.get("htmlUrl")


def read_vcf(path):
    import vobject
    raw = open(path, "rb").read()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "a line longer than 75 octets"
    assert b"\n" not in raw.replace(b"\r\n", b"")
    for card in vobject.readComponents(raw.decode("utf-8")):
        assert card.version.value == "4.0"
        nickname = card.nickname.value
        yield f"{card.fn.value} ({nickname})", card.url.value


def read_rdf(path):
    root = tree.parse(path).getroot()
    me = root.find(f"{FOAF}PersonalProfileDocument/{FOAF}primaryTopic").get(RDF + "resource")
    (person,) = [person for person in root.findall(FOAF + "Person") if person.get(RDF + "about") == me]
    for known in person.findall(f"{FOAF}knows/{FOAF}Person"):
        page = known.find(f"{FOAF}account/{FOAF}OnlineAccount/{FOAF}accountProfilePage").get(RDF + "resource")
        yield known.findtext(FOAF + "name", "") + f" ({known.findtext(FOAF + 'nick')})", page


print(json.dumps([list(entry) for entry in globals()["read_" + sys.argv[1]](sys.argv[2])]))
