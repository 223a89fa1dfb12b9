import tomllib
from pathlib import Path

from dashboard import palette
from dashboard.palette import COLOURS, Palette, palette_of

MODELS = [f"provider/model-{number}" for number in range(12)]


def test_twelve_models_have_twelve_colours():
    colours = palette_of(MODELS)

    assert len({colours.colour_for(model) for model in MODELS}) == 12


def test_the_order_in_which_models_come_does_not_matter():
    assert palette_of(MODELS) == palette_of(reversed(MODELS))


def test_a_model_alone_keeps_the_colour_of_its_name():
    assert palette_of(["openai/gpt-4o"]).colour_for("openai/gpt-4o") == Palette().colour_for("openai/gpt-4o")


def test_a_thirteenth_model_still_has_a_colour():
    assert palette_of([*MODELS, "one/more"]).colour_for("one/more") in COLOURS


def test_side_by_side_known_models_keep_their_colour_and_new_ones_get_others():
    known = palette_of(MODELS[:2])
    taken = known.colour_for(MODELS[0])
    same_place = next(name for name in map(str, range(200)) if Palette().colour_for(name) == taken)

    chosen = known.side_by_side([MODELS[0], same_place])

    assert chosen[MODELS[0]] == taken
    assert chosen[same_place] in COLOURS
    assert chosen[same_place] != taken
    assert len(set(Palette().side_by_side([*MODELS, "one/more"]).values())) == 12


def test_a_palette_says_when_its_colours_changed():
    assert palette_of(MODELS).revision == palette_of(reversed(MODELS)).revision
    assert palette_of(MODELS).revision != palette_of(MODELS[:-1]).revision


def test_no_model_has_the_colour_of_an_error():
    assert palette.ERROR not in COLOURS


def test_the_theme_gives_plotly_the_same_colours():
    config = tomllib.loads((Path(palette.__file__).parent / ".streamlit" / "config.toml").read_text())

    assert tuple(config["theme"]["chartCategoricalColors"]) == COLOURS
