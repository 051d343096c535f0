"""The life of the policy, and what the studio promises beyond it: P71 to P84."""

from policies.promises.promise import Promise

PROMISES = (
    Promise(
        "P71",
        "A change of this policy is announced",
        "Versions with their differences, a message and a banner; both are written down.",
        says=(
            "We may update this privacy policy to reflect changes in our practices or legal requirements:",
            "Notification: You will be notified of material changes via email or in-app notification",
        ),
        code=(
            "components/actions/policy_life.py:announce",
            "components/actions/policy_life.py:put_up",
            "components/actions/trust.py:changes",
        ),
    ),
    Promise(
        "P72",
        "A change waits 30 days",
        "It takes effect 30 days after its notice, unless the law says sooner; then the reason is written down.",
        says=("Effective Date: Changes become effective 30 days after notification (unless required sooner by law)",),
        code=(
            "policies/retention.py:effective_from",
            "policies/retention.py:in_force",
            "store/policy_notices.py:PolicyNotices",
        ),
    ),
    Promise(
        "P73",
        "Use accepts the text, never a new use of your data",
        "Going on after a change accepts its text. A processing that needs consent stays off.",
        says=(
            "Continued Use: Using our service after changes indicates acceptance of the updated policy",
            "By using PixCosmos, you consent to our privacy policy and agree to its terms.",
        ),
        code=("components/actions/policy_life.py:accept_by_use", "policies/privacy.py:allowed"),
    ),
    Promise(
        "P74",
        "Every version can be read",
        "The history of this policy is public.",
        says=("Review: We recommend reviewing this policy periodically",),
        code=("components/actions/policy_life.py:versions", "components/actions/trust.py:versions_view"),
    ),
    Promise(
        "P75",
        "You know whom to ask",
        "Provider, website and address come from the settings of whoever runs the studio.",
        says=(
            "If you have any questions or concerns about this privacy policy or our data practices, please contact us:",
            "Service Provider: PixCosmos AI Platform",
            "Website: pixcosmos.com",
            "Support: [email protected]",
        ),
        code=("policies/policy_text.py:filled", "components/actions/trust.py:facts"),
    ),
    Promise(
        "P76",
        "A privacy request is answered within a month",
        "The subject makes it one ticket with a due date, however it is written.",
        says=(
            'For data protection inquiries, please include "Privacy Request" in your subject line and specify the '
            "nature of your request.",
        ),
        code=(
            "policies/privacy.py:is_privacy_request",
            "store/tickets.py:Tickets.add",
            "components/actions/support.py:waiting",
            "components/actions/support.py:extend",
        ),
    ),
    Promise(
        "P77",
        "No public studio with blanks in its policy",
        "A public start without dates or a contact address fails and names the setting.",
        says=("This privacy policy is effective as of [DATE] and was last updated on [DATE].",),
        code=("store/settings.py:Settings.require_published_policy", "app.py:serve"),
    ),
    Promise(
        "P78",
        "Consent is an unticked box",
        "Version, time and language are kept as a receipt, which is part of your download.",
        says=("By using PixCosmos, you consent to our privacy policy and agree to its terms.",),
        code=("components/actions/accounts.py:sign_up", "store/receipts.py:Receipts"),
    ),
    Promise(
        "P79",
        "A training export says what went in",
        "Its manifest answers which model saw which set.",
        missing="There is no training export.",
    ),
    Promise(
        "P80",
        "You see when staff looked",
        "Each look of staff at your data is listed in your own page, with its reason.",
        code=("components/actions/privacy.py:look_as_staff", "components/actions/privacy.py:staff_reads"),
    ),
    Promise(
        "P81",
        "Global Privacy Control is honoured",
        "A browser that sends it is not counted.",
        code=("policies/privacy.py:allowed", "components/actions/privacy.py:visited"),
    ),
    Promise(
        "P82",
        "The audit log cannot be edited unnoticed",
        "Each entry carries the hash of the one before, and none says who you are.",
        code=("store/audit.py:Audit",),
    ),
    Promise(
        "P83",
        "The processing record writes itself",
        "The record of GDPR Article 30 is generated from the map of data.",
        code=("policies/data_map/__init__.py:processing_record",),
    ),
    Promise(
        "P84",
        "Every picture says that a model made it",
        "Signed content credentials, a watermark and metadata.",
        code=(
            "components/signing.py",
            "pipelines/credentials.py",
            "pipelines/watermark.py",
            "components/actions/verify.py",
        ),
    ),
)
