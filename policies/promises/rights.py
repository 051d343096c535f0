"""Your rights: P44 to P54."""

from policies.promises.promise import Promise

PROMISES = (
    Promise(
        "P44",
        "See everything about you",
        "A page made from the map of every column that can hold something about a person.",
        says=("View Your Data: Access all personal information we have about you",),
        code=(
            "policies/data_map/__init__.py:unannotated",
            "store/person.py:Person.rows",
            "components/actions/privacy.py:my_data",
        ),
    ),
    Promise(
        "P45",
        "Take everything with you",
        "A ZIP with your original pictures and all data, packed in the background; its link lasts seven days.",
        says=("Download Your Content: Export your generated images and account data",),
        code=("components/actions/taking_out.py:stream", "store/takeouts.py:Takeouts"),
    ),
    Promise(
        "P46",
        "Delete the account",
        "A few days to change your mind, then every trace goes, is looked for again, and you get a receipt.",
        says=("Delete Your Data: Request deletion of your account and associated data",),
        code=(
            "components/actions/leaving.py:run",
            "components/actions/leaving.py:look_again",
            "store/erasures.py:Erasures",
        ),
    ),
    Promise(
        "P47",
        "Correct what is wrong",
        "What you told us can be edited; a new email address is confirmed first.",
        says=("Correct Information: Update or correct your personal information",),
        code=("components/actions/accounts.py:change_profile", "components/actions/accounts.py:confirm_email"),
    ),
    Promise(
        "P48",
        "Object, and restrict",
        "Each optional use has a switch; restricted data is kept and not used.",
        says=("Opt-Out: Choose not to have your content used for AI model improvement",),
        code=("policies/privacy.py:allowed", "components/actions/choices.py:may"),
    ),
    Promise(
        "P49",
        "Pictures in formats that everybody opens",
        "PNG, JPEG and WebP.",
        says=("You can export your generated images in standard formats",),
        code=("components/actions/gallery.py:download", "pipelines/provenance.py"),
    ),
    Promise(
        "P50",
        "Data that a program can read",
        "JSON and CSV, with a JSON Schema beside them.",
        says=("Account data can be provided in machine-readable format upon request",),
        code=("policies/data_map/__init__.py:schema", "components/actions/taking_out.py:as_csv"),
    ),
    Promise(
        "P51",
        "All pictures at once",
        "From the page, the API and the command line, however many there are.",
        says=("We provide tools to bulk download your content",),
        code=("components/actions/exporting.py:prepare", "components/actions/exporting.py:stream"),
    ),
    Promise(
        "P52",
        "Promotional mail ends with one click",
        "Every such mail carries a link that ends them, as RFC 8058 describes.",
        says=("You can opt-out of promotional emails at any time",),
        code=(
            "components/actions/mail.py:unsubscribe",
            "components/actions/notices.py:announce",
            "components/smtp.py:message_of",
        ),
    ),
    Promise(
        "P53",
        "Security mail always arrives",
        "No setting can switch it off, not even a forged one.",
        says=("Account-related communications (security alerts, service updates) cannot be disabled",),
        code=("policies/notifications.py:wants", "components/actions/mail.py:post_text"),
    ),
    Promise(
        "P54",
        "You choose what you hear of",
        "A switch for each kind of message, and each has its effect.",
        says=("You control your notification preferences in account settings",),
        code=("policies/notifications.py:wants", "components/postman.py:Postman._is_wanted"),
    ),
)
