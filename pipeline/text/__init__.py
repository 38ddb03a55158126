"""What a post says: its language, feeling, complaint, category, severity and intent."""
