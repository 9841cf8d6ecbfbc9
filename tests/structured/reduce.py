#!/usr/bin/env python3
"""Reduces schema.org's vocabulary to what the test asks for: reduce.py schemaorg-current-https.jsonld VERSION

The file is in github.com/schemaorg/schemaorg below data/releases/VERSION/. Every type, property and member of an
enumeration is kept, with what it is below, what it belongs to and what it may hold; descriptions are not.
The vocabulary is published under CC BY-SA 3.0 (schema.org/docs/terms.html).
"""
import json
import sys

graph = json.load(open(sys.argv[1], encoding="utf-8"))["@graph"]


def names(node, key):
    value = node.get(key, [])
    value = value if isinstance(value, list) else [value]
    return sorted(item["@id"].removeprefix("schema:") for item in value if item["@id"].startswith("schema:"))


out = {"types": {}, "properties": {}, "members": {}}
for node in sorted(graph, key=lambda node: node["@id"]):
    if not node["@id"].startswith("schema:"):
        continue
    name = node["@id"].removeprefix("schema:")
    kinds = node["@type"] if isinstance(node["@type"], list) else [node["@type"]]
    entry = {"superseded": True} if "schema:supersededBy" in node else {}
    if "rdf:Property" in kinds:
        entry |= {"of": names(node, "schema:domainIncludes"), "holds": names(node, "schema:rangeIncludes")}
        out["properties"][name] = entry
    elif "rdfs:Class" in kinds:
        entry |= {"below": names(node, "rdfs:subClassOf")}
        if "schema:DataType" in kinds:
            entry["data"] = True
        out["types"][name] = entry
    else:
        out["members"][name] = entry | {"of": sorted(kind.removeprefix("schema:") for kind in kinds)}

print("{")
print(f' "source": "schema.org {sys.argv[2]}, CC BY-SA 3.0, reduced by reduce.py",')
for at, (part, entries) in enumerate(out.items()):
    print(f' "{part}": {{')
    lines = [f"  {json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}" for name, entry in entries.items()]
    print(",\n".join(lines))
    print(" }," if at < 2 else " }")
print("}")
