//! Owns the shape of settings: which keys a group has, and what their values may be. Whoever reads a file and
//! whoever describes it read the same tables, so that the two cannot know different keys. Must not know what
//! the keys mean.

/// One key of a group of settings.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// What it does, in a sentence or two.
    pub about: &'static str,
    /// The group is of no use without it.
    pub needed: bool,
}

/// A key that may be left out.
pub const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, about, needed: false }
}

/// A key that must be there.
pub const fn needed(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, about, needed: true }
}

/// What a value may be. A setting may always be left empty, which says as much as leaving it out.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Anything.
    Free,
    /// A text; a number, `true` and `false` are taken as they are written.
    Text,
    /// A text of a certain form.
    Formed(&'static Form),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`, also as `yes`, `no`, `on` and `off`.
    Bool,
    /// A whole number.
    Int,
    /// A whole number from the first to the second.
    IntIn(i64, i64),
    /// One value, or a list of such.
    Listed(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// A value of one of these shapes.
    Either(&'static [Shape]),
    /// A group of settings.
    Group(&'static Group),
    /// A group in which the author chooses the names, perhaps of a certain form.
    Named(Option<&'static Form>, &'static Shape),
    /// A shape that holds itself, such as an entry of a menu with entries below it, by its name.
    Again(&'static str),
}

/// The form that a text must have.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// A regular expression (of those that all engines know) for all texts that are right. Some wrong ones may match.
    pub pattern: fn() -> String,
    /// A number, `true` and `false` are taken as they are written, as for any text.
    pub numbers: bool,
    /// What to write, as a sentence.
    pub says: &'static str,
    /// Texts that are right, and what each means if that is to be said.
    pub examples: fn() -> Vec<(&'static str, &'static str)>,
}

/// A group of settings.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its name in a sentence, such as "a page".
    pub what: &'static str,
    /// The keys that it may have.
    pub keys: &'static [Key],
    /// What is to be thought of other keys.
    pub others: Others,
    /// Which keys must come together: one of these must hold, if there are any.
    pub ways: &'static [Way],
}

/// What is to be thought of keys that are not in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They are mistakes.
    Wrong,
    /// The site declares some; each holds a text or a list of texts.
    Declared,
    /// They are nobody's business.
    Free,
}

/// One way in which a group is complete.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// The keys that it needs.
    pub with: &'static [&'static str],
    /// The keys that must not be there.
    pub without: &'static [&'static str],
}

impl Group {
    /// A group that knows these keys and no others.
    pub const fn of(what: &'static str, keys: &'static [Key]) -> Group {
        Group { what, keys, others: Others::Wrong, ways: &[] }
    }

    /// The names of its keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.keys.iter().map(|key| key.name)
    }

    /// Whether an empty group is one.
    pub fn may_be_empty(&self) -> bool {
        let is_way = self.ways.is_empty() || self.ways.iter().any(|way| way.with.is_empty());
        is_way && self.keys.iter().all(|key| !key.needed)
    }
}
