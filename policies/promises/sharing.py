"""Who else sees anything: P33 to P43."""

from policies.promises.promise import Promise

PROMISES = (
    Promise(
        "P33",
        "Nothing is sold and nothing slips out",
        "The studio speaks to no host that its owner did not ask for; telemetry of its libraries is off.",
        says=(
            "We do not sell, trade, or otherwise transfer your personal information to outside parties, except in the "
            "following circumstances:",
            "To protect our rights, property, or safety, or that of our users or others",
        ),
        code=("app.py:private_temp", "components/web/session.py:security_headers"),
    ),
    Promise(
        "P34",
        "Machines of others are in a register",
        "Storage and computing elsewhere must stand in the register of subprocessors, or the studio does not start.",
        says=(
            "AI Infrastructure Partners: We work with cloud computing providers to process your image generation "
            "requests",
        ),
        missing="Everything is drawn on the machine of this studio. The register has no gate yet.",
    ),
    Promise(
        "P35",
        "You pay on the provider's own page",
        "No form here asks for a card.",
        says=("Payment Processors: Secure payment processing through verified third-party services",),
        missing="Nothing can be paid for yet.",
    ),
    Promise(
        "P36",
        "Analytics partners get numbers, not people",
        "What may be passed on is described, anonymised and nothing else.",
        says=("Analytics Services: Anonymized usage data may be shared with analytics providers",),
        missing="No analytics provider is connected and none can be.",
    ),
    Promise(
        "P37",
        "Agreements with partners have evidence and an end",
        "A partner whose agreement has expired is switched off.",
        says=("All third-party partners are bound by strict confidentiality agreements",),
        missing="There are no partners yet, and no register of agreements.",
    ),
    Promise(
        "P38",
        "Lawful requests need two people",
        "Authority, basis and scope are recorded; two must approve, and the least is handed out.",
        says=("To comply with legal obligations or respond to lawful requests from authorities",),
        missing="There is no such register yet.",
    ),
    Promise(
        "P39",
        "Investigations are narrow and end",
        "A hold names what it holds and until when; what it holds is unreadable to others.",
        says=("To investigate potential violations of our terms of service",),
        missing="There are no holds yet.",
    ),
    Promise(
        "P40",
        "Before a sale, a notice and a way out",
        "Nothing is handed over before the time to object has passed.",
        says=("In connection with any merger, sale of assets, or corporate restructuring",),
        missing="There is no campaign of the kind yet.",
    ),
    Promise(
        "P41",
        "Sharing for a purpose needs a receipt",
        "Each consent is for one purpose, with version and time. Without a receipt the answer is no.",
        says=("When you explicitly consent to sharing information for specific purposes",),
        code=(
            "store/consents.py",
            "store/choices.py:Choices",
            "policies/sharing.py:consent",
            "components/actions/sharing.py:publish",
            "components/actions/privacy.py:require_consent",
        ),
    ),
    Promise(
        "P42",
        "Public only when you publish",
        "A link that cannot be guessed, a look before, and a way to take it back.",
        says=("When you choose to share generated images publicly through our showcase features",),
        code=("components/actions/sharing.py", "store/shares.py", "components/web/showcase.py"),
    ),
    Promise(
        "P43",
        "Community under a pseudonym",
        "A separate consent, a name you choose, and never an email.",
        says=("When you participate in community features or user-generated content programs",),
        code=("policies/sharing.py:Options", "components/actions/sharing.py:card"),
    ),
)
