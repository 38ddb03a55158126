"""What chats and pagers post back when somebody presses a button: one file each, verified before it is read."""
