"""Files of strangers: what is checked before anything reads them, and places before anything writes there."""
