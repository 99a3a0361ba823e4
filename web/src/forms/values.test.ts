import { expect, test } from "vitest";
import type { RuntimeInputOut } from "../api/generated/model/runtimeInputOut";
import { errorsOf, initialValues, payloadOf, serverErrors } from "./values";

const input = (name: string, more: Partial<RuntimeInputOut> = {}): RuntimeInputOut => ({
  id: name,
  name,
  type: "text",
  label: "",
  description: "",
  required: false,
  default: null,
  options: [],
  ...more,
});

test("a form starts with the defaults, by type", () => {
  const inputs = [
    input("a", { default: "x" }),
    input("b", { type: "number", default: "10" }),
    input("c", { type: "boolean", default: "true" }),
    input("d", { type: "boolean" }),
    input("e", { type: "date" }),
  ];
  expect(initialValues(inputs)).toEqual({ a: "x", b: 10, c: true, d: false, e: "" });
});

test("an earlier run's values stand in for the defaults", () => {
  expect(initialValues([input("a", { default: "x" }), input("b", { default: "y" })], { a: "z" })).toEqual({
    a: "z",
    b: "y",
  });
});

test("a required field without a value is named", () => {
  const inputs = [input("a", { required: true, label: "Period" }), input("b", { required: true, type: "boolean" })];
  expect(errorsOf(inputs, initialValues(inputs))).toEqual({ a: "Give a value for Period." });
});

test("an optional field left empty is not sent, but emptying a default is said", () => {
  const inputs = [
    input("never"),
    input("text", { default: "x" }),
    input("number", { type: "number", default: 5 }),
    input("zero", { type: "number" }),
    input("flag", { type: "boolean" }),
  ];
  expect(payloadOf(inputs, { never: "", text: "", number: "", zero: 0, flag: false })).toEqual({
    text: "",
    number: null,
    zero: 0,
    flag: false,
  });
});

test("the server's problems find their field", () => {
  const problems = [
    { where: "inputs.period", message: "Not a month." },
    { where: "body", message: "Something else." },
  ];
  expect(serverErrors([input("period")], problems)).toEqual({ period: "Not a month." });
});
