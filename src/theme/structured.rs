//! Owns the structured data of a page (schema.org as JSON-LD): for programs, the same facts that readers see.
//! Must not know templates.

use crate::model::Card;
use crate::parse::event::{Event, Status, Time};
use crate::view::View;

/// The structured data of the page that is made, as the text of a script element; none where there is
/// nothing to say. Only an event that has a place or an address on the web is one: what search engines need
/// of an event (schema.org/Event; developers.google.com/search/docs/appearance/structured-data/event) is
/// asked for when its page is read.
pub(super) fn data(view: &View) -> Option<String> {
    let card = &view.own()?.card;
    let event = card.event.as_deref()?;
    Some(of_event(card, event, view))
}

fn of_event(card: &Card, event: &Event, view: &View) -> String {
    let time = |time: &Time| match time {
        Time::Day(date) => string(&date.to_string()),
        Time::At(moment) => string(&moment.iso()),
    };
    let mut fields = vec![
        ("@context", string("https://schema.org")),
        ("@type", string("Event")),
        ("name", string(&card.title)),
        ("startDate", time(&event.start)),
    ];
    if let Some(end) = &event.end {
        fields.push(("endDate", time(end)));
    }
    let status = match event.status {
        Status::Scheduled => "EventScheduled",
        Status::Cancelled => "EventCancelled",
        Status::Postponed => "EventPostponed",
    };
    fields.push(("eventStatus", string(&format!("https://schema.org/{status}"))));
    let place = event.place.as_deref().map(|name| {
        // Google wants an address; where there is none, the name is what people go by.
        let address = event.address.as_deref().unwrap_or(name);
        object(&[("@type", string("Place")), ("name", string(name)), ("address", string(address))])
    });
    let link = event
        .link
        .as_deref()
        .map(|url| object(&[("@type", string("VirtualLocation")), ("url", string(url))]));
    let (mode, location) = match (place, link) {
        (Some(place), Some(link)) => ("MixedEventAttendanceMode", format!("[{place},{link}]")),
        (Some(place), None) => ("OfflineEventAttendanceMode", place),
        (None, Some(link)) => ("OnlineEventAttendanceMode", link),
        (None, None) => ("", String::new()),
    };
    if !location.is_empty() {
        let mode = format!("https://schema.org/{mode}");
        fields.extend([("eventAttendanceMode", string(&mode)), ("location", location)]);
    }
    if let Some(description) = &card.description {
        fields.push(("description", string(description)));
    }
    if let Some(name) = &event.organizer {
        let mut organizer = vec![("@type", string("Organization")), ("name", string(name))];
        organizer.extend(event.organizer_url.as_deref().map(|url| ("url", string(url))));
        fields.push(("organizer", object(&organizer)));
    }
    if let Some(picture) = card.image.as_ref().and_then(|picture| view.permalink(&picture.path)) {
        fields.push(("image", string(&picture)));
    }
    if let Some(url) = view.permalink(&card.path) {
        fields.push(("url", string(&url)));
    }
    object(&fields)
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}:{value}", string(name))).collect();
    format!("{{{}}}", fields.join(","))
}

/// A JSON string that cannot end the script element that it stands in (WHATWG HTML, 4.12.1.3).
fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
