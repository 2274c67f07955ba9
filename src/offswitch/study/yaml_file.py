"""YAML files that users write, read with one-line errors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from offswitch.study.factors import StudyError


def read_mapping(path: Path, what: str, looks: str) -> Mapping[str, Any]:
    """Read a YAML file that holds a mapping. `what` it is and how it `looks` go into the StudyError of a bad one."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"there is no {what} {path}; {looks}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"{path} is not valid YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(raw, dict):
        raise StudyError(f"{path} holds a {type(raw).__name__}; a {what} is a mapping, {looks}")
    return raw
