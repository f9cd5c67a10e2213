//! Templates: a line with `{a|b}` or `{colour: red|blue}` in it stands for a prompt of each combination;
//! `{colour}` further on in the line takes the same word. Braces that say neither are text.

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    /// One of the choices of this slot.
    Slot(usize),
}

/// Something to choose, and perhaps its name.
#[derive(Debug, PartialEq, Eq)]
struct Slot<'a> {
    name: Option<&'a str>,
    choices: Vec<&'a str>,
}

fn slot(inside: &str) -> Option<Slot<'_>> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let (name, list) = match inside.split_once(':') {
        Some((name, list)) if is_name(name.trim()) => (Some(name.trim()), list),
        Some(_) | None => (None, inside),
    };
    let choices: Vec<&str> = list.split('|').map(str::trim).collect();
    let is_choice = choices.len() > 1 || (name.is_some() && !choices[0].is_empty());
    is_choice.then_some(Slot { name, choices })
}

fn parse(line: &str) -> (Vec<Piece<'_>>, Vec<Slot<'_>>) {
    let (mut pieces, mut slots): (Vec<Piece<'_>>, Vec<Slot<'_>>) = (Vec::new(), Vec::new());
    let mut rest = line;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|close| open + close) else { break };
        let inside = &rest[open + 1..close];
        let known = slots.iter().position(|slot| slot.name.is_some_and(|name| name == inside.trim()));
        let piece = match (known, slot(inside)) {
            (Some(known), _) => Piece::Slot(known),
            (None, Some(slot)) => {
                slots.push(slot);
                Piece::Slot(slots.len() - 1)
            }
            (None, None) => Piece::Text(&rest[open..=close]),
        };
        pieces.push(Piece::Text(&rest[..open]));
        pieces.push(piece);
        rest = &rest[close + 1..];
    }
    pieces.push(Piece::Text(rest));
    (pieces, slots)
}

/// How many prompts a line stands for.
pub fn count(line: &str) -> usize {
    parse(line).1.iter().fold(1, |many: usize, slot| many.saturating_mul(slot.choices.len()))
}

/// The prompts that a line stands for, the last choice turning fastest. `count` first: there may be very many.
pub fn expand(line: &str) -> Vec<String> {
    let (pieces, slots) = parse(line);
    (0..count(line))
        .map(|number| {
            let mut left = number;
            let mut chosen = vec![0; slots.len()];
            for (place, slot) in slots.iter().enumerate().rev() {
                chosen[place] = left % slot.choices.len();
                left /= slot.choices.len();
            }
            let words = pieces.iter().map(|piece| match piece {
                Piece::Text(text) => *text,
                Piece::Slot(slot) => slots[*slot].choices[chosen[*slot]],
            });
            // A choice of nothing leaves two blanks.
            words.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_for_each_combination_of_its_choices() {
        assert_eq!(
            expand("A {red|blue} boat in {rain|snow}"),
            ["A red boat in rain", "A red boat in snow", "A blue boat in rain", "A blue boat in snow"]
        );
        assert_eq!(expand("A {|tiny} boat"), ["A boat", "A tiny boat"]);
    }

    #[test]
    fn a_named_choice_is_the_same_wherever_it_is_named() {
        assert_eq!(
            expand("A {who: fox|owl} looks at another {who}"),
            ["A fox looks at another fox", "A owl looks at another owl"]
        );
        assert_eq!(expand("{who: fox} and {who}"), ["fox and fox"]);
    }

    #[test]
    fn other_braces_are_text_and_nothing_is_too_much_to_count() {
        for line in ["A {boat}", "{\"prompt\": \"a boat\"}", "a { b", "} {", "{}", "{:}"] {
            assert_eq!(count(line), 1, "{line}");
        }
        assert_eq!(expand("A {boat}"), ["A {boat}"]);
        assert!(count(&"{a|b}".repeat(200)) > 1_000_000);
    }
}
