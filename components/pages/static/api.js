// Talks to the studio's own JSON routes. Every failure is a Failure with words a person can act on.

import { errorWords, language } from "./words.js";

export class Failure extends Error {
  constructor({ code = "", title, reason = "", hint, field = "" }, answer = {}) {
    super(title);
    Object.assign(this, { code, title, reason, hint, field, answer });
  }
}

export const get = (path) => fetched(path, {});
export const post = (path, body) => fetched(path, withJson("POST", body));
export const put = (path, body) => fetched(path, withJson("PUT", body));
export const patch = (path, body) => fetched(path, withJson("PATCH", body));
export const remove = (path) => fetched(path, { method: "DELETE" });
export const ask = (path, method, body) => fetched(path, withJson(method, body));

export function postFile(path, file) {
  const body = new FormData();
  body.append("file", file);
  return fetched(path, { method: "POST", body });
}

/** A form with a file and fields beside it. */
export const postForm = (path, body) => fetched(path, { method: "POST", body });

function withJson(method, body) {
  const text = JSON.stringify(body ?? {});
  // What is small still arrives when the page is being left.
  return { method, headers: { "content-type": "application/json" }, body: text, keepalive: text.length < 30000 };
}

async function fetched(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { "accept-language": language, ...options.headers } });
  } catch {
    throw new Failure({ code: "unreachable", ...errorWords("unreachable") });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure({ ...answer.error, ...errorWords(answer.error?.code ?? "") }, answer);
  return answer;
}
