//! The prompt: text that was checked once, at the edge.

/// What a person wants to see: 1 to 4,000 characters, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt(String);

/// Why a text is not a prompt; written for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPrompt {
    /// Nothing but blanks.
    #[error("Describe the video first.")]
    Empty,
    /// Too long.
    #[error("The prompt has {0} characters; the most is 4,000. Shorten it by {1}.")]
    TooLong(usize, usize),
}

impl Prompt {
    /// The most characters a prompt may have.
    pub const MOST: usize = 4_000;

    /// Checks what was typed. Line ends become `\n`, other control characters go.
    pub fn parse(text: &str) -> Result<Self, NotAPrompt> {
        let clean: String =
            text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        let clean = clean.trim();
        let length = clean.chars().count();
        if length == 0 {
            return Err(NotAPrompt::Empty);
        }
        if length > Self::MOST {
            return Err(NotAPrompt::TooLong(length, length - Self::MOST));
        }
        Ok(Self(clean.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first words, fit for a file name: lower-case ASCII letters, digits and dashes, at most 40.
    pub fn slug(text: &str) -> String {
        let mut slug = String::new();
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            if slug.len() + word.len() + 1 > 40 {
                break;
            }
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(&word.to_ascii_lowercase());
        }
        if slug.is_empty() { "clip".to_owned() } else { slug }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_trimmed_and_freed_of_control_characters() {
        assert_eq!(Prompt::parse("  a\u{7}cat\r\nruns\0 ").map(|p| p.0), Ok("acat\nruns".to_owned()));
        assert_eq!(Prompt::parse(" \n\t "), Err(NotAPrompt::Empty));
        assert_eq!(Prompt::parse(&"é".repeat(4_003)), Err(NotAPrompt::TooLong(4_003, 3)));
        assert!(Prompt::parse(&"é".repeat(4_000)).is_ok());
    }

    #[test]
    fn a_file_name_is_made_of_the_first_plain_words() {
        assert_eq!(Prompt::slug("A Lighthouse, at dusk: ../../etc"), "a-lighthouse-at-dusk-etc");
        assert_eq!(Prompt::slug("灯台 ☃"), "clip");
        assert!(Prompt::slug(&"word ".repeat(50)).len() <= 40);
    }
}
