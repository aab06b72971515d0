use super::*;
use crate::codec::{self, picture as carried};
use crate::editor::Editor;
use crate::scene::Stage;

fn drawn(json: &str) -> (Picture, crate::scenario::Scenario) {
    let (scenario, problems) = codec::read(json);
    let scenario = scenario.unwrap_or_else(|| panic!("{problems:?}"));
    let editor = Editor::new(scenario.clone());
    (picture(&Stage::new(&editor, 0).scene(&editor, None)), scenario)
}

#[test]
fn colours_are_those_of_the_style_sheet() {
    let sheet = include_str!("../../../www/styles.css");
    let (light, dark) = sheet.split_once(":root[data-theme=\"dark\"]").expect("both themes");
    let names = [
        (Ink::Background, "bg"),
        (Ink::Panel, "panel"),
        (Ink::Line, "line"),
        (Ink::Ink, "ink"),
        (Ink::Soft, "soft"),
        (Ink::Faint, "faint"),
        (Ink::Card, "card"),
        (Ink::Ok, "ok"),
        (Ink::Warn, "warn"),
        (Ink::Bad, "bad"),
        (Ink::Control, "control"),
        (Ink::Static, "static"),
        (Ink::Wire, "wire"),
        (Ink::Track, "track"),
        (Ink::Dead, "dead"),
        (Ink::Edge, "edge"),
    ];
    for (ink, name) in names {
        for (sheet, night) in [(light, false), (dark, true)] {
            let value = sheet.split(&format!("--{name}:")).nth(1).and_then(|rest| rest.split(';').next());
            assert_eq!(value.map(str::trim), Some(ink.colour(night)), "--{name}, dark: {night}");
        }
    }
}

#[test]
fn a_picture_opens_again_as_the_scenario_that_it_shows() {
    for example in codec::examples() {
        let editor = Editor::new(example.scenario.clone());
        let picture = picture(&Stage::new(&editor, 0).scene(&editor, None));
        let link = codec::link::encode(&example.scenario);
        let file = svg(&picture, &example.scenario.name, Some(&link), true);
        let found = carried::in_svg(&file).expect("the link is in it");
        let (again, _) = codec::link::decode(found).expect("it opens");
        assert_eq!(again, example.scenario, "{}", example.slug);
        assert!(picture.shapes.len() > 4 * example.scenario.nodes.len(), "{}: every card is drawn", example.slug);
    }
}

#[test]
fn hostile_names_stay_text() {
    let (picture, scenario) = drawn(
        r#"{"loadstone": 1, "name": "</title><script>alert(1)</script>", "nodes": [
            {"id": "a", "kind": "server", "name": "<img src=x onerror=alert(1)>"},
            {"id": "b", "kind": "server", "name": "\"&'\uffff"}], "links": [{"from": "a", "to": "b"}]}"#,
    );
    let file = svg(&picture, &scenario.name, None, false);
    for forbidden in ["<script", "<img", "\u{ffff}"] {
        assert!(!file.contains(forbidden), "{forbidden} in {file}");
    }
    let tags: Vec<&str> =
        file.split('<').skip(1).filter_map(|t| t.split([' ', '>', '/']).find(|w| !w.is_empty())).collect();
    let known = ["svg", "title", "rect", "path", "text"];
    assert!(tags.iter().all(|t| known.contains(t)), "{tags:?}");
}

#[test]
fn long_names_are_cut_where_their_room_ends() {
    assert_eq!(shortened("Web 1", 93.0, 14.0, false), "Web 1");
    let cut = shortened("A very long name for a web server", 93.0, 14.0, false);
    assert!(cut.ends_with('…') && cut.chars().count() < 16, "{cut}");
}
