// Password, two-step sign-in, and the devices that are signed in.

import { block, field, folded, form } from "./account_form.js";
import { get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { confirmed } from "./confirm.js";
import { copy, toast, toastFailure } from "./overlays.js";
import { moment, say } from "./words.js";

export const section = {
  id: "security",
  icon: "locked",
  title: "account_security",
  note: "account_security_note",
  shown: (me) => Boolean(me.account),
  build: async (me, view) => {
    proven = me.account.has_password;
    return [proven && password(), elsewhere(me, view), factor(me.account, view), await sessions(view)].filter(Boolean);
  },
};

let proven = true; // by a password; who has none proves themselves where they sign in

/** The field for the password, where there is one. */
const proof = () => (proven ? [current()] : []);
const current = (name = "password") => field(say("account_password_now"), { name, type: "password", autocomplete: "current-password" });
const code = (label, options = {}) => field(label, { name: "code", autocomplete: "one-time-code", autocapitalize: "none", spellcheck: "false", ...options });

function password() {
  const change = folded(say("account_password_change"), (close) =>
    form(
      [
        current("current"),
        field(say("account_password_new"), { name: "new", type: "password", autocomplete: "new-password", minlength: 8, maxlength: 128, note: say("account_password_note") }),
      ],
      {
        action: say("account_password_change"),
        cancel: close,
        done: say("account_password_done"),
        send: async (values) => {
          await post("/api/account/password", values);
          close();
        },
      },
    ),
  );
  return block(say("account_password"), null, change);
}

/** Sign-in with Hugging Face, on a Space. */
function elsewhere({ account, signs_in_elsewhere: offered }, view) {
  const [login] = account.logins;
  if (!login && !offered) return null;
  const connect = async () => {
    try {
      // Asked for here, so that whoever has a password types it before the way leads out.
      if (await confirmed(() => post("/api/account/logins/ready"))) location.assign("/account/huggingface/go/connect");
    } catch (failure) {
      toastFailure(failure);
    }
  };
  const part = async () => {
    try {
      if (!(await confirmed(() => post(`/api/account/logins/${login.id}/end`)))) return;
      toast(say("account_login_ended"));
      await view.reload();
    } catch (failure) {
      toastFailure(failure);
    }
  };
  if (!login) return block(say("account_login"), say("account_login_none"), button(say("account_login_connect"), { kind: "outlined", on: connect }));
  const since = { date: moment(login.created_at) };
  if (!account.has_password) return block(say("account_login"), say("account_login_only", since));
  return block(say("account_login"), say("account_login_connected", since), button(say("account_login_end"), { kind: "outlined", on: part }));
}

function factor(account, view) {
  const on = account.factor_since;
  const text = on ? `${say("account_factor_on", { date: moment(on) })} ${say("account_factor_codes", { n: account.recovery_codes })}` : say("account_factor_off");
  const ways = on ? [newCodes(view), account.role === "user" && switchOff(view)] : [setUp(view)];
  return block(say("account_factor"), text, ways);
}

function setUp(view) {
  return folded(say("account_factor_start"), (close) => {
    const place = h("div", {});
    const ask = form(proof(), {
      action: say("account_factor_start"),
      cancel: close,
      send: async (values) => {
        const offered = await confirmed(() => post("/api/account/factor/offer", values));
        if (offered) place.replaceChildren(scan(offered, close, view));
      },
    });
    place.append(ask);
    return place;
  });
}

/** The picture is SVG of the studio's own; as an image, nothing in it could run. */
function scan({ secret, picture }, close, view) {
  const source = `data:image/svg+xml,${encodeURIComponent(picture)}`;
  const shown = secret.match(/.{1,4}/g).join(" ");
  const finish = form([code(say("account_factor_code"), { inputmode: "numeric", maxlength: 7 })], {
    action: say("account_factor_turn_on"),
    cancel: close,
    send: async (values) => keep((await post("/api/account/factor/on", values)).codes, view, say("account_factor_is_on")),
  });
  return h(
    "div",
    { class: "factor" },
    h("p", { text: say("account_factor_scan") }),
    h("img", { class: "qr", src: source, alt: say("account_factor_picture"), width: 200, height: 200 }),
    h("p", { class: "note" }, `${say("account_factor_secret")}: `, h("code", { text: shown })),
    finish,
  );
}

function newCodes(view) {
  return folded(say("account_factor_new_codes"), (close) =>
    form([...proof(), code(say("account_factor_code_or_recovery"))], {
      action: say("account_factor_new_codes"),
      cancel: close,
      send: async (values) => {
        const made = await confirmed(() => post("/api/account/factor/codes", values));
        if (made) keep(made.codes, view);
      },
    }),
  );
}

function switchOff(view) {
  return folded(say("account_factor_turn_off"), (close) =>
    form([...proof(), code(say("account_factor_code_or_recovery"))], {
      action: say("account_factor_turn_off"),
      kind: "danger",
      cancel: close,
      send: async (values) => {
        if (!(await confirmed(() => post("/api/account/factor/off", values)))) return;
        toast(say("account_factor_is_off"));
        await view.reload();
      },
    }),
  );
}

/** The codes are shown this once, and the dialog ends only by saying that they are kept. */
function keep(codes, view, said) {
  const dialog = h(
    "dialog",
    { class: "question", "aria-label": say("account_factor_keep") },
    h("h2", { text: say("account_factor_keep") }),
    h("p", { text: say("account_factor_keep_text") }),
    h("ul", { class: "codes" }, codes.map((one) => h("li", {}, h("code", { text: one })))),
    h(
      "div",
      { class: "choices" },
      button(say("account_factor_copy"), { name: "copy", kind: "outlined", on: () => copy(codes.join("\n"), say("copied")) }),
      button(say("account_factor_kept"), { kind: "primary", on: () => dialog.close() }),
    ),
  );
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (said) toast(said);
    view.reload();
  });
  document.body.append(dialog);
  dialog.showModal();
}

async function sessions(view) {
  const found = await get("/api/account/sessions");
  const others = button(say("account_sessions_end_others"), {
    kind: "outlined",
    on: () => end("/api/account/sessions/end-others", view, ({ ended }) => say("account_sessions_ended", { n: ended })),
  });
  return block(say("account_sessions"), null, h("ul", { class: "devices" }, found.map((one) => device(one, view))), found.length > 1 && others);
}

function device(session, view) {
  const { browser, system, device: model } = session;
  const name = browser && system ? say("account_session_on", { browser, system }) : browser || say("account_session_unknown");
  const facts = [say("account_session_facts", { from: moment(session.created_at), seen: moment(session.seen_at) }), session.address && say("account_session_address", { address: session.address })];
  const tool = session.here
    ? h("span", { class: "here", text: say("account_session_here") })
    : button(say("account_session_end"), {
        kind: "outlined",
        "aria-label": say("account_session_end_label", { device: name }),
        on: () => end(`/api/account/sessions/${session.id}/end`, view, () => say("account_session_ended")),
      });
  return h("li", {}, icon("machine"), h("div", {}, h("strong", { text: model ? `${name}, ${model}` : name }), h("small", { text: facts.filter(Boolean).join(" · ") })), tool);
}

async function end(path, view, said) {
  try {
    toast(said(await post(path)));
    await view.reload();
  } catch (failure) {
    toastFailure(failure);
  }
}
