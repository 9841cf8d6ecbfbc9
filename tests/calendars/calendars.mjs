// Reads calendar files with ical.js, strictly, and prints what it made of them as JSON:
//     node calendars.mjs FILE …
// file → UID → {start, end, summary, description, location, status}. Times of day are counted by the VTIMEZONE of
// the file, not by a database, and are given in UTC.

import { readFileSync } from "node:fs";
import ICAL from "ical.js";

function moment(calendar, property) {
    if (!property) return null;
    const time = property.getFirstValue();
    if (time.isDate) return time.toString();
    const name = property.getFirstParameter("tzid");
    let zone = ICAL.Timezone.utcTimezone;
    if (name) {
        const found = calendar.getAllSubcomponents("vtimezone").find((one) => one.getFirstPropertyValue("tzid") === name);
        if (!found) throw new Error(`there is no VTIMEZONE ${name}`);
        zone = new ICAL.Timezone(found);
    } else if (!time.toString().endsWith("Z")) {
        throw new Error(`${property.name} has no zone`);
    }
    const { year, month, day, hour, minute, second } = time;
    const seconds = new ICAL.Time({ year, month, day, hour, minute, second }, zone).toUnixTime();
    return new Date(seconds * 1000).toISOString().replace(".000", "");
}

const read = {};
for (const file of process.argv.slice(2)) {
    try {
        ICAL.design.strict = true;
        const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf8")));
        if (calendar.name !== "vcalendar") throw new Error(`begins with ${calendar.name}`);
        read[file] = {};
        for (const event of calendar.getAllSubcomponents("vevent")) {
            const value = (name) => event.getFirstPropertyValue(name);
            read[file][value("uid")] = {
                start: moment(calendar, event.getFirstProperty("dtstart")),
                end: moment(calendar, event.getFirstProperty("dtend")),
                summary: value("summary"),
                description: value("description"),
                location: value("location"),
                status: value("status"),
            };
        }
    } catch (error) {
        read[file] = { error: String(error) };
    }
}
console.log(JSON.stringify(read));
