/** What every visit needs soon, but no first screen: the type it is set in, and the looks of dialogs. */
import '@fontsource-variable/inter'
import './styles/mantine-later.css'
