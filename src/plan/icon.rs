//! Owns the list of the site's icons: their names, sizes and how pages link to them. Must not know how they are made.

/// The least side of a picture from which all icons can be made, in pixels: that of the largest
/// (web.dev/articles/add-manifest).
pub const LARGEST: u32 = 512;

/// The manifest of the site (w3.org/TR/appmanifest).
pub const MANIFEST: &str = "site.webmanifest";

/// An icon of the site, at a fixed address in its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Icon {
    /// For browsers that look for it without being told, 32 pixels.
    Favicon,
    /// For all others: sharp at every size.
    Svg,
    /// For the start screen of iPhones, 180 pixels; it must not be see-through.
    Touch,
    /// For the start screens of other phones, 192 pixels.
    Small,
    /// For the picture while the site starts there, 512 pixels.
    Large,
    /// As the one before, for systems that cut their own form out of it.
    Maskable,
}

impl Icon {
    /// All of them, in the order in which pages name them.
    pub const ALL: [Icon; 6] =
        [Icon::Favicon, Icon::Svg, Icon::Touch, Icon::Small, Icon::Large, Icon::Maskable];

    /// Its path in the output.
    pub fn path(self) -> &'static str {
        match self {
            Icon::Favicon => "favicon.ico",
            Icon::Svg => "icon.svg",
            Icon::Touch => "apple-touch-icon.png",
            Icon::Small => "icon-192.png",
            Icon::Large => "icon-512.png",
            Icon::Maskable => "icon-maskable-512.png",
        }
    }

    /// Its side in pixels; an SVG has none.
    pub fn side(self) -> Option<u32> {
        match self {
            Icon::Favicon => Some(32),
            Icon::Svg => None,
            Icon::Touch => Some(180),
            Icon::Small => Some(192),
            Icon::Large | Icon::Maskable => Some(LARGEST),
        }
    }

    /// How a page links to it: `rel`, `type`, `sizes`. The others are for the manifest.
    pub fn link(self) -> Option<(&'static str, Option<&'static str>, Option<&'static str>)> {
        match self {
            // With "any", some browsers would take it in place of the SVG.
            Icon::Favicon => Some(("icon", None, Some("32x32"))),
            Icon::Svg => Some(("icon", Some("image/svg+xml"), None)),
            Icon::Touch => Some(("apple-touch-icon", None, None)),
            Icon::Small | Icon::Large | Icon::Maskable => None,
        }
    }
}
