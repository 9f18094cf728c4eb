"""The technician's menu behind the driver's screens: a part of the conversation, pure like it."""
