// The sections of the account view, in their order: a line for each, the name of its script.
// A script exports `section`: {id, icon, title, note, shown(me), build(me, view)}; see account.js.

export const SECTIONS = ["account_home", "account_profile", "account_security", "account_notifications", "account_data", "account_choices", "account_download", "account_messages", "account_support", "account_leave"];
