"""What each table of the data map holds, as the map says it; other languages say it after it."""

from policies.data_map import TABLES

WORDS = {f"data_title_{table.id.replace('.', '_')}": table.title for table in TABLES if table.owner}
