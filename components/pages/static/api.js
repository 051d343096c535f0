// Talks to the studio's own JSON routes. Every failure is a Failure with words a person can act on.

import { errorWords } from "./words.js";

export class Failure extends Error {
  constructor({ code = "", title, reason = "", hint, field = "" }) {
    super(title);
    Object.assign(this, { code, title, reason, hint, field });
  }
}

export const get = (path) => ask(path, {});
export const post = (path, body) => ask(path, withJson("POST", body));
export const put = (path, body) => ask(path, withJson("PUT", body));
export const remove = (path) => ask(path, { method: "DELETE" });

export function postFile(path, file) {
  const body = new FormData();
  body.append("file", file);
  return ask(path, { method: "POST", body });
}

function withJson(method, body) {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) };
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failure({ code: "unreachable", ...errorWords("unreachable") });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure({ ...answer.error, ...errorWords(answer.error?.code ?? "") });
  return answer;
}
