"""Storage, security and retention: P20 to P32."""

from policies.promises.promise import Promise

PROMISES = (
    Promise(
        "P20",
        "Encrypted on the way",
        "A public studio speaks HTTPS: redirects, strict transport, secure cookies, and TLS to its own services.",
        says=("Encryption: All data is encrypted in transit and at rest using industry-standard protocols",),
        code=(
            "components/web/session.py:Guard._refused",
            "components/web/session.py:security_headers",
            "components/web/session.py:cookie_header",
            "store/settings.py:Settings.require_encrypted_way",
            "store/dsn.py:server_of",
            "store/blobs.py:refuse_plain_text",
        ),
    ),
    Promise(
        "P21",
        "Encrypted where it lies",
        "Pictures, prompts, temporary files and logs hold nothing readable, write-ahead logs included.",
        says=(
            "Encryption: All data is encrypted in transit and at rest using industry-standard protocols",
            "Generated images are stored securely and associated with your account",
            "We implement comprehensive security measures to protect your personal information:",
        ),
        code=("store/vault.py:Vault", "app.py:private_temp"),
    ),
    Promise(
        "P22",
        "Few may look, and only with a reason",
        "Staff sign in with a second factor, give a reason, and you see that they looked.",
        says=("Access Controls: Strict access controls limit who can view your personal information",),
        code=("policies/access.py", "components/actions/signing_in.py:recognise", "components/actions/support.py:look"),
    ),
    Promise(
        "P23",
        "Checked regularly",
        "`python app.py doctor` examines the installation and turns red when an audit is overdue.",
        says=("Secure Infrastructure: We use secure cloud infrastructure with regular security audits",),
        code=("components/actions/doctor.py:examine",),
        missing="The installation is examined; the register of audits is not there.",
    ),
    Promise(
        "P24",
        "Your work does not say who you are",
        "Pictures and jobs belong to a random number. Who that is stands in another database.",
        says=("Data Isolation: Your generated content is stored separately from personal identifying information",),
        code=("store/subjects.py:Subjects", "store/keys.py:Links"),
    ),
    Promise(
        "P25",
        "Your pictures answer to you alone",
        "Every read names its owner. What is another's looks the same as what never was.",
        says=("Generated images are stored securely and associated with your account",),
        code=("store/gallery.py:Gallery.get", "components/web/images.py:router"),
    ),
    Promise(
        "P26",
        "Delete a picture at any time",
        "The picture, its previews and every copy go, and no address of it answers any more.",
        says=("You can delete your generated images at any time through your account dashboard",),
        code=("store/gallery.py:Gallery.delete", "components/actions/gallery.py:delete"),
    ),
    Promise(
        "P27",
        "After 90 quiet days pictures are deleted, with four warnings",
        "A daily job warns at 60, 76, 83 and 89 days and deletes at 90, unless the plan is premium.",
        says=(
            "We automatically delete generated images after 90 days of account inactivity (unless you have a premium "
            "plan)",
        ),
        code=(
            "policies/retention.py:inactive",
            "components/actions/housekeeping.py:quiet_people",
            "components/actions/housekeeping.py:delete_quiet",
        ),
    ),
    Promise(
        "P28",
        "Backups forget after 30 days",
        "A backup's key expires; what was deleted stays deleted when a backup is restored.",
        says=("Backup copies for disaster recovery are maintained for up to 30 days after deletion",),
        code=("store/backups.py:Backups", "components/actions/backing_up.py:restore"),
    ),
    Promise(
        "P29",
        "Your account stays until you delete it",
        "Nothing else ends an account, and after a deletion a count of all rows shows that nothing was left.",
        says=("Account information is retained until you delete your account",),
        code=("components/actions/leaving.py:look_again", "policies/data_map/shape.py:Table"),
    ),
    Promise(
        "P30",
        "Storage by plan, and never a silent deletion",
        "A full plan says so before it is full; a smaller plan deletes nothing without a word.",
        says=("Generated content is retained according to your plan's storage limits",),
        missing="There are no plans yet, so nothing is limited.",
    ),
    Promise(
        "P31",
        "Usage events live two years at most",
        "A daily job deletes older ones.",
        says=("Usage analytics are retained for up to 2 years for service improvement",),
        code=("store/usage.py:Usage.purge", "components/actions/housekeeping.py:old_counts"),
    ),
    Promise(
        "P32",
        "Payment records as long as the law says",
        "Detached from the profile, then deleted when the law allows.",
        says=("Payment information is retained as required by financial regulations",),
        missing="Nothing can be paid for yet.",
    ),
)
