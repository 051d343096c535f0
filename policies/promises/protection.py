"""Children, transfers, new technology, integrations and breaches: P55 to P70."""

from policies.promises.promise import Promise

PROMISES = (
    Promise(
        "P55",
        "Not for children under 13",
        "A neutral question at the door that keeps no date of birth.",
        says=(
            "PixCosmos is not intended for use by children under 13 years of age.",
            "We do not knowingly collect personal information from children under 13.",
        ),
        code=("policies/accounts.py", "components/web/account_pages.py:too_young"),
    ),
    Promise(
        "P56",
        "A child's data goes at once",
        "No cooling-off: keys, pictures and events are destroyed immediately.",
        says=(
            "If we discover that we have collected information from a child under 13, we will delete such information "
            "immediately.",
        ),
        code=("components/actions/leaving.py:erase_child",),
    ),
    Promise(
        "P57",
        "Transfers stand in a register",
        "A flow to another country without a mechanism is blocked.",
        says=(
            "Your information may be transferred to and processed in countries other than your own.",
            "We ensure adequate protection through:",
            "Standard Contractual Clauses: Legal frameworks for international data transfers",
        ),
        missing="Nothing is transferred by the studio itself; the register is not there.",
    ),
    Promise(
        "P58",
        "Countries are reviewed",
        "A table of countries with the date of its last review, which warns when it is old.",
        says=("Adequacy Decisions: Transfers to countries with adequate privacy protections",),
        missing="There is no such table yet.",
    ),
    Promise(
        "P59",
        "Consent to a transfer can be withdrawn",
        "Withdrawal stops the flow.",
        says=("Your Consent: Explicit consent for transfers when required",),
        missing="Nothing is transferred that would need it.",
    ),
    Promise(
        "P60",
        "New data is declared first",
        "Every column is described in the map of data; one that is not fails the build.",
        says=(
            "As we improve our AI models and technology:",
            "We may introduce new features that require additional data collection",
        ),
        code=("policies/data_map/__init__.py:unannotated",),
    ),
    Promise(
        "P61",
        "You hear of changes",
        "A significant change is told to everybody, and who was told is written down.",
        says=("You will be notified of significant changes to data usage",),
        missing="Notices can be sent to everybody; no list says yet who received one.",
    ),
    Promise(
        "P62",
        "New uses wait for your yes",
        "A new processing is off for everybody until accepted.",
        says=("Your consent will be obtained for new types of data processing",),
        code=("policies/privacy.py:allowed", "components/actions/privacy.py:require_consent"),
    ),
    Promise(
        "P63",
        "Look at your settings when something new comes",
        "Whoever was here before a new use of data is told and led to its switch, which is off until a yes.",
        says=("You can review and adjust your privacy settings when new features are introduced",),
        code=(
            "store/uses.py:Uses.introduce",
            "components/actions/privacy.py:new_uses",
            "components/actions/privacy.py:tell_new_uses",
        ),
    ),
    Promise(
        "P64",
        "Keys of the API are scoped and never stored",
        "A key is kept as a hash, has a scope, and its uses are listed for you.",
        says=(
            "If you choose to integrate PixCosmos with third-party services:",
            "API Usage: Data shared through our API is governed by your agreement with third parties",
        ),
        missing="There are no keys of the API yet.",
    ),
    Promise(
        "P65",
        "Sharing elsewhere asks first",
        "A page between says where you go; no script of others is loaded before.",
        says=("Social Sharing: Images shared on social platforms are subject to their privacy policies",),
        code=("policies/sharing.py:address", "components/web/showcase.py:leaving"),
    ),
    Promise(
        "P66",
        "Tools of others, one consent each",
        "A tool is let in by a consent of its own and shut out by taking that back.",
        says=("External Tools: Integration with external design tools may involve data sharing",),
        missing="No tools of others can connect yet.",
    ),
    Promise(
        "P67",
        "Told within 72 hours",
        "An incident starts a clock that warns at 24, 48 and 60 hours.",
        says=(
            "In the unlikely event of a data breach:",
            "We will notify affected users within 72 hours of discovery",
        ),
        missing="There is no record of incidents yet.",
    ),
    Promise(
        "P68",
        "Authorities are told what they need",
        "The form of GDPR Article 33(3), with nothing left out.",
        says=("Relevant authorities will be notified as required by law",),
        missing="There is no such form yet.",
    ),
    Promise(
        "P69",
        "What was affected",
        "Everybody affected learns which of their data it was.",
        says=("We will provide clear information about what data was affected",),
        missing="There is no such query yet.",
    ),
    Promise(
        "P70",
        "Steps that protect you",
        "Everybody is signed out, keys are changed, and you are told what to do.",
        says=("Steps to protect your account will be communicated immediately",),
        missing="There is no such drill yet.",
    ),
)
