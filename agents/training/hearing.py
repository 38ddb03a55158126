"""What the teachers believe about our posts and about some public ones: heard once, kept in files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.training import teachers
from agents.training.material import Material
from agents.training.progress import bar
from agents.training.recipe import Recipe
from pipeline.text.normalise import is_cjk
from pipeline.text.training.distilling import opinions
from pipeline.text.training.targets import Lesson, chosen, together

LANGUAGES = ("zh", "en")
_TAUGHT = ("complaints_en",)  # public sets that teachers learn from: their labels mean nearly what ours mean

Floats = NDArray[np.float32]


def heard(folder: Path, seen: Material, recipe: Recipe, kept: Path) -> dict[str, Floats]:
    """Opinions by text; those of a language are read from ``kept`` if they are there, and written to it if not.

    Raises:
        FileNotFoundError: a teacher is missing below ``folder``.
    """
    believed: dict[str, Floats] = {}
    for language in LANGUAGES:
        file = kept / f"opinions-{language}.npz"
        if not file.exists():
            texts, scores = _opinions(folder, language, seen, recipe)
            np.savez_compressed(file, texts=np.array(texts, dtype=np.str_), believed=scores)
        with np.load(file) as stored:
            believed |= dict(zip(stored["texts"].tolist(), stored["believed"], strict=True))
    return believed


def _opinions(folder: Path, language: str, seen: Material, recipe: Recipe) -> tuple[list[str], Floats]:
    ours = _of_language(seen.corpus._replace(weights=np.ones_like(seen.corpus.weights)), language)
    lessons = [ours, *(_of_language(seen.public[name], language) for name in _TAUGHT)]
    teacher, lesson = teachers.Teacher(folder / "teachers" / language), together(one for one in lessons if one.texts)
    with bar(f"{language} teacher learns") as report:
        teachers.tuned(teacher, lesson, recipe.teacher, recipe.seed, report)
    public = sorted({text for lesson in seen.public.values() for text in lesson.texts if _language(text) == language})
    picked = np.random.default_rng(recipe.seed).permutation(len(public))[: recipe.labelled_by_teacher]
    texts = [*ours.texts, *(public[number] for number in picked)]
    with bar(f"{language} teacher reads") as report:
        return texts, opinions(teachers.answers(teacher, texts, report), lesson)


def _language(text: str) -> str:
    return "zh" if any(map(is_cjk, text)) else "en"


def _of_language(lesson: Lesson, language: str) -> Lesson:
    return chosen(lesson, [row for row, text in enumerate(lesson.texts) if _language(text) == language])
