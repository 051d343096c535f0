"""Letters: the subject and the text of each, and what stands under all of them."""

WORDS = {
    "mail_why_fixed": "You get this because it concerns the safety of your account, or because you asked for it.",
    "mail_why_switch": "You get this because you switched it on. One click ends it: {link}",
    "mail_from": "PixCosmos, {link}",
    "mail_verify_subject": "Confirm your address",
    "mail_verify_text": (
        "Hello {name},\n\n"
        "somebody, probably you, made a PixCosmos account with this address. Open this link to confirm it:\n\n"
        "{link}\n\n"
        "It works for three days. If it was not you, do nothing: without it there is no account."
    ),
    "mail_known_subject": "You have an account already",
    "mail_known_text": (
        "Hello {name},\n\n"
        "somebody, perhaps you, wanted to use this address for a PixCosmos account. You have one already. "
        "If you forgot the password, set a new one here:\n\n"
        "{link}\n\n"
        "If it was not you, there is nothing to do."
    ),
    "mail_reset_subject": "Set a new password",
    "mail_reset_text": (
        "Hello {name},\n\n"
        "here you can set a new password:\n\n"
        "{link}\n\n"
        "The link works for one hour and once. If you did not ask for it, do nothing: your password stays as it is."
    ),
    "mail_locked_subject": "Your sign-in is locked for a while",
    "mail_locked_text": (
        "Hello {name},\n\n"
        "somebody typed a wrong password for your account ten times, so signing in is locked for a quarter of an hour. "
        "If it was you, wait, or set a new password here:\n\n"
        "{link}\n\n"
        "If it was not you, your password held. Two-step sign-in would make it safer still."
    ),
    "mail_new_device_subject": "A new device signed in",
    "mail_new_device_text": (
        "Hello {name},\n\n"
        "a device that was not seen before signed in to your account: {device}.\n\n"
        "If it was you, there is nothing to do. If not, change your password and sign that device out:\n\n"
        "{link}/#account/security"
    ),
    "mail_password_changed_subject": "Your password was changed",
    "mail_password_changed_text": (
        "Hello {name},\n\n"
        "the password of your account was changed, and other devices were signed out.\n\n"
        "If it was not you, set a new one at once:\n\n"
        "{link}/account/reset"
    ),
    "mail_email_old_subject": "Your address is about to change",
    "mail_email_old_text": (
        "Hello {name},\n\n"
        "your account is to use {email} from now on. Open this link if you want that:\n\n"
        "{link}\n\n"
        "A second link is in your new mailbox; nothing changes until both were opened. If you did not ask for this, do "
        "not open it, and change your password."
    ),
    "mail_email_new_subject": "Confirm your new address",
    "mail_email_new_text": (
        "Hello {name},\n\n"
        "this is to be the new address of your PixCosmos account. Open this link to confirm it:\n\n"
        "{link}\n\n"
        "A second link is in your old mailbox; nothing changes until both were opened."
    ),
    "mail_email_changed_subject": "Your address is changed",
    "mail_email_changed_text": (
        "Hello {name},\n\n"
        "your account has a new address, as you confirmed from both mailboxes. Letters go there from now on."
    ),
    "mail_email_first_subject": "Confirm your address",
    "mail_email_first_text": (
        "Hello {name},\n\n"
        "this is to be the address of your PixCosmos account. Open this link to confirm it:\n\n"
        "{link}\n\n"
        "If you did not ask for this, do nothing."
    ),
    "mail_no_password_subject": "You sign in with Hugging Face",
    "mail_no_password_text": (
        "Hello {name},\n\n"
        "somebody, probably you, asked for a new password. Your account has none: you sign in with Hugging Face.\n\n"
        "{link}\n\n"
        "If it was not you, there is nothing to do."
    ),
    "mail_elsewhere_subject": "Your address was seen at another sign-in",
    "mail_elsewhere_text": (
        "Hello {name},\n\n"
        "somebody signed in with Hugging Face and has this address there. Your account was not touched: the two are "
        "separate. If it was you and you want one account, sign in with your password, and connect Hugging Face "
        "under Account, Security:\n\n"
        "{link}"
    ),
    "mail_connected_subject": "Hugging Face is connected",
    "mail_connected_text": (
        "Hello {name},\n\n"
        "from now on one can also sign in to your account with Hugging Face.\n\n"
        "If it was not you, set a new password at once and disconnect it:\n\n"
        "{link}/#account/security"
    ),
    "mail_factor_on_subject": "Two-step sign-in is on",
    "mail_factor_on_text": (
        "Hello {name},\n\n"
        "signing in to your account now needs a code from your app. Keep the recovery codes in a safe place.\n\n"
        "If it was not you, set a new password at once:\n\n"
        "{link}/account/reset"
    ),
    "mail_factor_off_subject": "Two-step sign-in is off",
    "mail_factor_off_text": (
        "Hello {name},\n\n"
        "your account needs no code from an app any more.\n\n"
        "If it was not you, set a new password at once:\n\n"
        "{link}/account/reset"
    ),
    "mail_recovery_used_subject": "A recovery code was used",
    "mail_recovery_used_text": (
        "Hello {name},\n\n"
        "one of your recovery codes signed somebody in. {left} of them are left.\n\n"
        "If it was not you, set a new password at once:\n\n"
        "{link}/account/reset"
    ),
    "mail_finished_subject": "Your pictures are ready",
    "mail_finished_text": (
        "Hello {name},\n\n"
        "a job that you left running is done. Your pictures are here:\n\n"
        "{link}/#gallery"
    ),
    "mail_policy_subject": "Our privacy policy changes on {date}",
    "mail_policy_text": (
        "Hello {name},\n\nour privacy policy gets a new version. It holds from {date}. Until then, the one you "
        "know stays. What changes, line by line:\n\n{changes}\n\nGoing on after that day accepts the new text. "
        "It switches nothing on: a new use of your data always asks you first. If you do not agree, you can "
        "take your data with you and delete your account before:\n\n{link}/#account/leave"
    ),
    "mail_answered_subject": "Your message has an answer",
    "mail_answered_text": (
        "Hello {name},\n\nwe answered what you wrote to us. The answer is in the studio, not in this "
        "letter:\n\n{link}/#account/messages"
    ),
    "mail_extended_subject": "Your request needs more time, until {date}",
    "mail_extended_text": (
        "Hello {name},\n\nwe cannot answer your request about privacy within a month. You get the answer by "
        "{date}. The reason is in the studio:\n\n{link}/#account/messages\n\nIf you do not agree, you can "
        "complain to a data protection authority."
    ),
}
