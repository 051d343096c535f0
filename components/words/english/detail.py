"""The view of one picture."""

WORDS = {
    "detail": "Picture and its settings",
    "detail_previous": "Newer picture",
    "detail_next": "Older picture",
    "detail_prompt": "Prompt",
    "detail_negative": "Negative prompt",
    "detail_model": "Model",
    "detail_size": "Size",
    "detail_seed": "Seed",
    "detail_steps": "Steps",
    "detail_guidance": "Guidance",
    "detail_scheduler": "Scheduler",
    "detail_created": "Made",
    "detail_file": "File",
    "detail_board": "Board: {board}",
    "detail_imported": "Imported",
    "detail_name": "File name",
    "detail_no_prompt": "The file does not say how it was made.",
    "detail_gone_title": "This picture is not here",
    "detail_gone_text": "It was deleted, or the link is not complete.",
}
