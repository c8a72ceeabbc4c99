// The parts of the calendar library that pages use; clinic code imports them from vendor/event-calendar.js.
export {
  createCalendar,
  destroyCalendar,
  DayGrid,
  Interaction,
  List,
  ResourceTimeGrid,
  TimeGrid,
} from "@event-calendar/core";
