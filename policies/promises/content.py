"""How generated content is used: P12 to P19."""

from policies.promises.promise import Promise

PROMISES = (
    Promise(
        "P12",
        "Training data is about nobody",
        "What models may learn from is anonymised and aggregated, so that no group is smaller than five.",
        says=("We may use anonymized and aggregated data from generated images and prompts to improve our AI models",),
        missing="Nothing made here is used for training. The export that would do it does not exist.",
    ),
    Promise(
        "P13",
        "Identifiers are taken out first",
        "Metadata of uploads is stripped when they arrive; only signed content credentials stay, as their history. "
        "A picture leaves without either when you ask for that.",
        says=("Personal identifiers are removed before any data is used for training purposes",),
        code=("pipelines/images.py", "pipelines/provenance.py"),
        missing="Metadata is stripped; finding names and numbers inside prompts comes with the training export.",
    ),
    Promise(
        "P14",
        "You can keep your work out of model improvement",
        "A switch in your account, looked at again when data would be exported.",
        says=(
            "You can opt-out of having your content used for model improvement in your account settings",
            "Opt-Out: Choose not to have your content used for AI model improvement",
        ),
        code=("policies/privacy.py:Purpose",),
        missing="The switch is there and off by default; nothing is used for training, so no export looks at it yet.",
    ),
    Promise(
        "P15",
        "Pictures are scanned before they are shown",
        "Prompts, uploads and pictures pass a scanner; when it fails, nothing is delivered.",
        says=("We automatically scan generated content for prohibited material using AI-powered content filters",),
        code=("components/actions/moderation.py:scan", "policies/moderation.py", "pipelines/nsfwjs/network.py"),
    ),
    Promise(
        "P16",
        "People review with care",
        "A reviewer claims a case, sees it blurred first, and every look is recorded.",
        says=("Human review may be conducted for content that violates our terms of service",),
        code=("components/actions/review.py", "policies/moderation.py:claimed", "store/reports.py"),
    ),
    Promise(
        "P17",
        "A log of decisions, without the content",
        "Of flagged content a hash, a label, a score and the decision stay; no content and no person.",
        says=("We maintain logs of flagged content for safety and compliance purposes",),
        code=("store/checks.py:Checks.log", "store/models/standing.py"),
    ),
    Promise(
        "P18",
        "Broken pictures are noticed",
        "Every picture is measured: blank, not a number, blurred, of the wrong size.",
        says=("We may analyze generated images to ensure quality standards and identify technical issues",),
        code=("pipelines/inspect.py", "policies/moderation.py:quality", "store/checks.py"),
        missing="Every picture is measured, blank ones are flagged; nothing is refunded, because nothing costs yet.",
    ),
    Promise(
        "P19",
        "Models that get worse are noticed",
        "Measures are compared by model and version; a drop raises an alarm.",
        says=("This analysis helps us improve generation accuracy and resolve technical problems",),
        missing="Measures are kept with each picture; nobody compares them yet.",
    ),
)
