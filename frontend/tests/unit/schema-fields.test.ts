import { expect, test } from "vitest";
import { fieldsOf, isOpen, valuesOf } from "@/lib/schema-fields";

const SCHEMA = {
  properties: {
    test_url: {
      anyOf: [{ type: "string", format: "uri" }, { type: "null" }],
      default: null,
      title: "Test Url",
      description: "Read.",
    },
    port: { type: "integer", default: 5432, title: "Port" },
    place: { enum: ["header", "query"], default: "header", type: "string", title: "Place" },
    secret: { anyOf: [{ type: "string", "x-secret": true }, { type: "null" }], title: "Secret" },
    tls: { type: "boolean", default: true },
    name: { type: "string", title: "Name" },
  },
  required: ["name"],
};

test("a type's schema becomes fields, what is needed first", () => {
  const fields = fieldsOf(SCHEMA);
  expect(
    fields.map((field) => `${field.name} ${field.kind}${field.secret ? " secret" : ""}`),
  ).toEqual([
    "name text",
    "test_url text",
    "port number",
    "place choice",
    "secret text secret",
    "tls yes",
  ]);
  expect(fields[1]).toMatchObject({ title: "Test address", initial: "", help: "Read." });
});

test("texts become values of their kinds, and what is empty is left out", () => {
  expect(
    valuesOf(fieldsOf(SCHEMA), { name: "a", test_url: "", port: "1", place: "query" }),
  ).toEqual({
    name: "a",
    port: 1,
    place: "query",
    tls: false,
  });
});

test("a type without fields of its own takes any", () => {
  expect([
    isOpen({ additionalProperties: { type: "string" }, properties: {} }),
    isOpen(SCHEMA),
  ]).toEqual([true, false]);
});
